// MissingTimes gives decoding times to packets that have none.
//
// Matroska has presentation times only. FFmpeg computes the others, but not for the first pictures of a
// stream with B-frames: these are held until the first known time, and get the times that lead up to it at
// the stream's frame rate.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ffmpeg/objects.h"

namespace srs::ffmpeg {

class MissingTimes {
 public:
  // frame_duration: in the packets' time base, for those that have no duration.
  explicit MissingTimes(std::int64_t frame_duration) : frame_duration_(frame_duration) {}

  using Sink = std::function<void(AVPacket&)>;
  // Calls the sink for this packet and for those that waited for it, or keeps the packet (then it is empty).
  void push(AVPacket& packet, const Sink& sink);
  // The end of input: no more times will come.
  void flush(const Sink& sink);

 private:
  void release(std::int64_t next_dts, const Sink& sink);
  std::int64_t duration_of(const AVPacket& packet) const {
    return packet.duration > 0 ? packet.duration : frame_duration_;
  }

  std::int64_t frame_duration_;
  std::vector<FfmpegPtr<AVPacket>> waiting_;
  std::optional<std::int64_t> next_dts_;
};

}  // namespace srs::ffmpeg
