// DecodeTimes: gives decoding times to frames that have none from FFmpeg.
//
// Raw H.264 and HEVC have no times at all: each frame follows the one before after its duration. Matroska has
// only presentation times; the first frames get decoding times that lead up to the first known one. Owned by
// a track; holds 32 frames at most.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "srs-probe/streams/track.h"

namespace srs::probe {

// Times in milliseconds.
struct TimedFrame {
  Frame frame;
  std::optional<std::int64_t> decoding_ms, shown_ms;
  std::int64_t lasts_us = 0;  // duration, in microseconds: 33.3 ms is not whole
};

class DecodeTimes {
 public:
  // Returns the frames whose times are known now, in order: this one and those that waited for it; or none.
  std::vector<Frame> push(TimedFrame frame);
  // The end: returns the frames that still wait.
  std::vector<Frame> flush();

 private:
  void lead_up_to(std::int64_t next_us, std::vector<Frame>& ready);

  std::vector<TimedFrame> waiting_;
  std::optional<std::int64_t> next_us_;
};

}  // namespace srs::probe
