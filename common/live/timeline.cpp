#include "live/timeline.h"

#include <algorithm>

namespace srs::live {

void Timeline::restart(std::chrono::milliseconds silence) {
  if (!started_) return;
  restarting_ = true;
  joining_ = false;
  silence_ms_ = std::max<std::int64_t>(silence.count(), 1);
}

void Timeline::join(std::int64_t offset_ms) {
  if (!started_) return;
  restarting_ = false;
  joining_ = true;
  offset_ms_ = offset_ms;
}

void Timeline::anchor(std::int64_t source_ms, std::int64_t target_ms) {
  offset_ms_ = target_ms - source_ms;
  newest_source_ = source_ms;
  video_.seen = audio_.seen = false;
}

// Script tags follow the media's time: encoders stamp them 0 or not at all.
std::int64_t Timeline::script_time(std::int64_t source_ms) {
  std::int64_t& last = last_script_;
  if (!started_ || restarting_) return last = std::max({last, newest_, std::int64_t{0}});
  last =
      std::clamp(source_ms + offset_ms_, std::max(last, newest_ - max_stumble_ms), std::max(last, newest_));
  return last = std::max<std::int64_t>(last, 0);
}

bool Timeline::is_jump(const Track& track, std::int64_t source_ms) const {
  const auto is_within = [&](std::int64_t reference, std::int64_t back_ms, std::int64_t ahead_ms) {
    return source_ms >= reference - back_ms && source_ms <= reference + ahead_ms;
  };
  if (track.seen)
    return !is_within(track.newest_source, max_stumble_ms, max_jump_ms) &&
           !is_within(newest_source_, max_stumble_ms, max_jump_ms);
  // At the start the other track may be far ahead of or behind this one. After a seam, such a message is
  // probably from before it.
  const std::int64_t distance = remapped_ ? max_stumble_ms : max_jump_ms;
  return !is_within(newest_source_, distance, distance);
}

namespace {

// FFmpeg writes only 31 bits of a timestamp into FLV and RTMP: after 25 days its clock is at 0 again. Returns
// what to add to undo such a wrap: 2^31, or -2^31 (the other track has not wrapped yet); 0 if it is none.
std::int64_t missing_31_bit_wrap(std::int64_t source_ms, std::int64_t newest_source_ms) {
  constexpr std::int64_t wrap = std::int64_t{1} << 31;
  for (const std::int64_t wrap_ms : {wrap, -wrap}) {
    const std::int64_t ahead = source_ms + wrap_ms - newest_source_ms;
    if (ahead >= -Timeline::max_stumble_ms && ahead <= Timeline::max_jump_ms) return wrap_ms;
  }
  return 0;
}

}  // namespace

Timeline::Mapped Timeline::map(flv::TagType type, std::int64_t source_ms) {
  if (type == flv::TagType::script) return {script_time(source_ms), false};
  Track& track = type == flv::TagType::video ? video_ : audio_;
  bool discontinuity = false;
  if (!started_) {
    started_ = true;
    anchor(source_ms, std::max<std::int64_t>(source_ms, 0));
  } else if (restarting_) {
    restarting_ = false;
    discontinuity = true;
    anchor(source_ms, newest_ + silence_ms_);
  } else if (joining_) {
    joining_ = false;
    remapped_ = true;
    anchor(source_ms, source_ms + offset_ms_);
  } else if (const std::int64_t wrap_ms =
                 is_jump(track, source_ms) ? missing_31_bit_wrap(source_ms, newest_source_) : 0;
             wrap_ms != 0) {
    anchor(source_ms, source_ms + offset_ms_ + wrap_ms);
  } else if (is_jump(track, source_ms)) {
    // The source's clock jumped while it was connected: no time passed in between.
    discontinuity = true;
    anchor(source_ms, newest_ + 1);
  }
  remapped_ = remapped_ || discontinuity;
  track.newest_source = track.seen ? std::max(track.newest_source, source_ms) : source_ms;
  track.seen = true;
  track.last = std::max({source_ms + offset_ms_, track.last, std::int64_t{0}});
  newest_ = std::max(newest_, track.last);
  newest_source_ = std::max(newest_source_, source_ms);
  return {track.last, discontinuity};
}

}  // namespace srs::live
