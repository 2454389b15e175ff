// The onMetaData of a stream that FFmpeg's parameters describe (Adobe FLV 10.1, annex E.5).
#pragma once

#include <optional>

#include "ffmpeg_objects.h"

namespace srs::ingest {

struct StreamDescription {
  const AVCodecParameters* video = nullptr;  // null: the stream has none
  const AVCodecParameters* audio = nullptr;
  AVRational frame_rate{0, 1};       // 0: unknown
  std::optional<double> duration_s;  // none: live, or unknown
};

// Members whose value is not known are left out.
Slice build_metadata(const StreamDescription& stream);

}  // namespace srs::ingest
