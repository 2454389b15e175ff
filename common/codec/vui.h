// The part of the video usability information that AVC and HEVC have in common: the syntax from
// aspect_ratio_info_present_flag to the chroma sample location (ISO 14496-10 and ITU-T H.265, annex E).
#pragma once

#include <cstdint>

#include "codec/bit_reader.h"

namespace srs::codec {

struct SampleAspect {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
};

// Reads that part and keeps the sample aspect ratio; 1:1 if it is not said.
SampleAspect read_vui_picture(BitReader& reader);

}  // namespace srs::codec
