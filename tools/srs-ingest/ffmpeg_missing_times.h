// MissingTimes gives decoding times to packets that have none.
//
// Matroska knows presentation times only. FFmpeg works the others out, but not for the first pictures
// of a stream with B-frames: these are held until the first known time, and get the times that lead
// up to it at the stream's frame rate.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ffmpeg_objects.h"

namespace srs::ingest {

class MissingTimes {
 public:
  // frame_duration: in the packets' time base, for those that do not tell theirs.
  explicit MissingTimes(std::int64_t frame_duration) : frame_duration_(frame_duration) {}

  using Sink = std::function<void(AVPacket&)>;
  // Calls the sink for this packet, and for those that waited for it; or keeps it (then it is empty).
  void push(AVPacket& packet, const Sink& sink);
  // The end: nothing more will tell a time.
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

}  // namespace srs::ingest
