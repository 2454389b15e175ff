#include "media/long_gop.h"

#include <algorithm>
#include <utility>

namespace srs::media {

std::optional<LongGop::Duration> LongGop::report(Duration distance) {
  reported_ = true;
  return distance;
}

std::optional<LongGop::Duration> LongGop::add(const Message& message) {
  if (reported_ || !message.is_video() || !message.is_frame()) return std::nullopt;
  const std::int64_t now_ms = message.timestamp_ms;
  const std::optional<std::int64_t> last_ms = std::exchange(last_ms_, now_ms);
  // A pause, or another timeline: earlier times do not count.
  if (last_ms && (now_ms < *last_ms - pause.count() || now_ms > *last_ms + pause.count())) key_ms_.reset();
  const Duration distance(key_ms_ ? now_ms - *key_ms_ : 0);
  if (message.kind == MessageKind::key_frame) {
    key_ms_ = now_ms;
    if (distance > limit_) return report(distance);
  }
  if (distance > std::max(longest, limit_)) return report(distance);
  return std::nullopt;
}

}  // namespace srs::media
