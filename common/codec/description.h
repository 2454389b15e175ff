// Description: what a codec's configuration says, in words and numbers, whichever codec it is.
//
// A value. Fields that a codec does not have stay empty or 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "codec/vui.h"
#include "core/result.h"

namespace srs::codec {

struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

struct Description {
  std::string codec_string;  // RFC 6381: "avc1.64001f"
  std::string profile;       // "High"
  std::string level;         // "4.1"

  // Of pictures.
  unsigned nal_length_size = 0;  // bytes in front of a NAL unit: 1, 2 or 4; 0: the codec has none
  bool has_sps = false;          // a record may be without: the sets stand in the stream
  std::uint32_t width = 0;       // as shown
  std::uint32_t height = 0;
  std::uint32_t bit_depth = 0;
  double frame_rate = 0;  // frames a second
  SampleAspect aspect{};
  std::optional<Colour> colour{};
  std::optional<Error> picture_error{};  // the SPS cannot be parsed: the rest is right

  // Of sound.
  std::uint32_t sample_rate = 0;  // Hz
  std::uint32_t channels = 0;
};

}  // namespace srs::codec
