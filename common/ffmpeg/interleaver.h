// Interleaver puts the tags of all tracks into the order of their decoding times, and shifts all of
// them by one amount if the first one's time is negative (edit lists, encoder delay).
//
// It belongs to one thread. It waits for the slower track, but not without limit: what it holds spans at most
// max_span_ms of media time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/slice.h"
#include "flv/tag.h"

namespace srs::ffmpeg {

struct TimedTag {
  flv::TagType type = flv::TagType::script;
  std::int64_t dts_ms = 0;
  Slice payload;
};

class Interleaver {
 public:
  Interleaver(std::size_t track_count, std::int64_t max_span_ms)
      : tracks_(track_count), max_span_ms_(max_span_ms) {}

  // Tags of one track come in their order; their times do not go back by rounding, but may jump.
  void push(std::size_t track, TimedTag tag);
  // This track has ended: it is not waited for.
  void end(std::size_t track);
  // The next tag that may be written, its time shifted.
  std::optional<TimedTag> pop();

 private:
  struct Track {
    std::deque<TimedTag> held;
    bool ended = false;
  };

  bool must_wait() const;

  std::vector<Track> tracks_;
  std::int64_t max_span_ms_;
  std::size_t held_bytes_ = 0;
  std::optional<std::int64_t> shift_ms_;  // known with the first tag that goes out
};

}  // namespace srs::ffmpeg
