// The part of the video usability information that AVC and HEVC have in common: the syntax from
// aspect_ratio_info_present_flag to the chroma sample location (ISO 14496-10 and ITU-T H.265, annex E).
#pragma once

#include <cstdint>
#include <optional>

#include "codec/bit_reader.h"

namespace srs::codec {

struct SampleAspect {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
};

// What the numbers of colours are is in ITU-T H.273; 2 is "unspecified".
struct Colour {
  std::uint8_t primaries = 2;
  std::uint8_t transfer = 2;
  std::uint8_t matrix = 2;
  bool full_range = false;
};

struct VuiPicture {
  SampleAspect aspect;  // 1:1 if it is not said
  std::optional<Colour> colour;
};

VuiPicture read_vui_picture(BitReader& reader);

}  // namespace srs::codec
