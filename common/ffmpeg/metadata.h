// Builds the onMetaData of a stream from FFmpeg's parameters (Adobe FLV 10.1, annex E.5).
#pragma once

#include <optional>

#include "ffmpeg/objects.h"

namespace srs::ffmpeg {

struct StreamDescription {
  const AVCodecParameters* video = nullptr;  // null: the stream has none
  const AVCodecParameters* audio = nullptr;
  AVRational frame_rate{0, 1};       // 0: unknown
  std::optional<double> duration_s;  // none: live, or unknown
};

// Members with an unknown value are left out.
Slice build_metadata(const StreamDescription& stream);

}  // namespace srs::ffmpeg
