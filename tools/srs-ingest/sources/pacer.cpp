#include "srs-ingest/sources/pacer.h"

namespace srs::ingest {
namespace {

constexpr std::chrono::milliseconds max_late{1000};
constexpr std::chrono::milliseconds max_ahead{10'000};
// Further behind, it is not a late interleaved track, but a source that starts over.
constexpr std::int64_t max_behind_ms = 10'000;

}  // namespace

void Pacer::wait(std::int64_t timestamp_ms, const std::stop_token& stop) {
  const bool is_behind =
      started_ && timestamp_ms <= furthest_ms_ && furthest_ms_ - timestamp_ms < max_behind_ms;
  if (is_behind) return;
  furthest_ms_ = timestamp_ms;
  const auto now = Clock::now();
  auto due = anchor_ + std::chrono::milliseconds(timestamp_ms - anchor_ms_);
  if (!started_ || due < now - max_late || due > now + max_ahead) {
    started_ = true;
    anchor_ = due = now;
    anchor_ms_ = timestamp_ms;
  }
  if (due <= now) return;
  std::unique_lock lock(mutex_);
  stopped_.wait_until(lock, stop, due, [] { return false; });
}

}  // namespace srs::ingest
