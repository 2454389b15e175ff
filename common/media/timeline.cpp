#include "media/timeline.h"

#include <algorithm>

namespace srs::media {

void Timeline::restart(std::chrono::milliseconds silence) {
  if (!started_) return;
  restarting_ = true;
  silence_ms_ = std::max<std::int64_t>(silence.count(), 1);
}

void Timeline::anchor(std::int64_t source_ms, std::int64_t target_ms) {
  offset_ms_ = target_ms - source_ms;
  newest_source_ = source_ms;
}

// Script tags follow the media's time: encoders stamp them 0 or not at all.
std::int64_t Timeline::script_time(std::int64_t source_ms) {
  if (!started_ || restarting_) return std::max<std::int64_t>(newest_, 0);
  std::int64_t& last = last_of(flv::TagType::script);
  last = std::clamp(source_ms + offset_ms_, std::max(last, newest_ - max_stumble_ms), std::max(last, newest_));
  return last = std::max<std::int64_t>(last, 0);
}

Timeline::Mapped Timeline::map(flv::TagType type, std::int64_t source_ms) {
  if (type == flv::TagType::script) return {script_time(source_ms), false};
  bool discontinuity = false;
  if (!started_) {
    started_ = true;
    anchor(source_ms, std::max<std::int64_t>(source_ms, 0));
  } else if (restarting_) {
    restarting_ = false;
    discontinuity = true;
    anchor(source_ms, newest_ + silence_ms_);
  } else if (source_ms < newest_source_ - max_stumble_ms || source_ms > newest_source_ + max_jump_ms) {
    // The source's clock jumped without the source going away: nothing passed in between.
    discontinuity = true;
    anchor(source_ms, newest_ + 1);
  }
  std::int64_t& last = last_of(type);
  const std::int64_t timestamp = std::max(source_ms + offset_ms_, last);
  last = timestamp;
  newest_ = std::max(newest_, timestamp);
  newest_source_ = std::max(newest_source_, source_ms);
  return {timestamp, discontinuity};
}

}  // namespace srs::media
