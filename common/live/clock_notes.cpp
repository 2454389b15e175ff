#include "live/clock_notes.h"

#include <algorithm>

#include "media/annotations.h"

namespace srs::live {

void ClockNotes::held_back_since(std::chrono::system_clock::time_point since) {
  held_back_since_ = since;
  held_back_ = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.utc() - since);
  held_back_from_ms_.reset();
}

std::optional<media::Message> ClockNotes::before_frame(std::int64_t timestamp_ms) {
  if (timestamp_ms < next_ms_) return std::nullopt;
  if (source_clock_at_ && clock_.steady() - *source_clock_at_ < source_clock_lifetime) return std::nullopt;
  next_ms_ = timestamp_ms + interval_ms;
  return media::make_message(flv::TagType::script, timestamp_ms,
                             media::encode_on_clock(time_of(timestamp_ms)));
}

std::chrono::system_clock::time_point ClockNotes::time_of(std::int64_t timestamp_ms) {
  const auto now = clock_.utc();
  if (!held_back_since_) return now;
  if (!held_back_from_ms_) held_back_from_ms_ = timestamp_ms;
  const std::chrono::milliseconds passed(timestamp_ms - *held_back_from_ms_);
  if (passed >= std::chrono::milliseconds(0) && passed < held_back_)
    return std::min(*held_back_since_ + passed, now);
  held_back_since_.reset();
  return now;
}

}  // namespace srs::live
