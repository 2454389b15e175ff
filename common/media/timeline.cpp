#include "media/timeline.h"

#include <algorithm>

namespace srs::media {

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
  video_.heard = audio_.heard = false;
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
  if (track.heard)
    return !is_within(track.newest_source, max_stumble_ms, max_jump_ms) &&
           !is_within(newest_source_, max_stumble_ms, max_jump_ms);
  // At the start the other track may be long before or behind this one. After a seam that would rather be a
  // message from before it.
  const std::int64_t distance = remapped_ ? max_stumble_ms : max_jump_ms;
  return !is_within(newest_source_, distance, distance);
}

namespace {

// FFmpeg writes 31 bits of its times into FLV and RTMP: after 25 days its clock is at 0 again. What a
// source's time lacks if it is that: 2^31 or -2^31 (the other track is still in front of the wrap); else 0.
std::int64_t lacks_of_31_bits(std::int64_t source_ms, std::int64_t newest_source_ms) {
  constexpr std::int64_t wrap = std::int64_t{1} << 31;
  for (const std::int64_t lacks : {wrap, -wrap}) {
    const std::int64_t ahead = source_ms + lacks - newest_source_ms;
    if (ahead >= -Timeline::max_stumble_ms && ahead <= Timeline::max_jump_ms) return lacks;
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
  } else if (const std::int64_t lacks =
                 is_jump(track, source_ms) ? lacks_of_31_bits(source_ms, newest_source_) : 0;
             lacks != 0) {
    anchor(source_ms, source_ms + offset_ms_ + lacks);
  } else if (is_jump(track, source_ms)) {
    // The source's clock jumped without the source going away: nothing passed in between.
    discontinuity = true;
    anchor(source_ms, newest_ + 1);
  }
  remapped_ = remapped_ || discontinuity;
  track.newest_source = track.heard ? std::max(track.newest_source, source_ms) : source_ms;
  track.heard = true;
  track.last = std::max({source_ms + offset_ms_, track.last, std::int64_t{0}});
  newest_ = std::max(newest_, track.last);
  newest_source_ = std::max(newest_source_, source_ms);
  return {track.last, discontinuity};
}

}  // namespace srs::media
