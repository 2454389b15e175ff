#include "media/track_activity.h"

#include <algorithm>

namespace srs::media {
namespace {

constexpr std::int64_t max_patience_ms = 60'000;
// A longer absence means that it was switched off, not merely slow.
constexpr std::int64_t max_slow_ms = 30'000;
constexpr std::int64_t steady_step_ms = 1'000;
constexpr std::int64_t steady_enough_ms = 30'000;

}  // namespace

void TrackActivity::add(std::int64_t timestamp_ms) {
  const std::int64_t step_ms = timestamp_ms - last_ms_;
  if (!seen_ || step_ms > steady_step_ms || step_ms < 0) steady_since_ms_ = timestamp_ms;
  if (seen_ && step_ms > patience_ms_ && step_ms <= max_slow_ms)
    patience_ms_ = std::min(2 * step_ms, max_patience_ms);
  if (timestamp_ms - steady_since_ms_ >= steady_enough_ms) patience_ms_ = patience_ms;
  seen_ = true;
  last_ms_ = timestamp_ms;
}

void TrackActivity::rebase(std::int64_t timestamp_ms) {
  last_ms_ = steady_since_ms_ = timestamp_ms;
}

}  // namespace srs::media
