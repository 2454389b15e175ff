// AV1: the codec configuration record (av1C of "AV1 in ISOBMFF" 2.3.3) and the sequence header
// OBU in it (AV1 bitstream specification 5.5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "codec/description.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

struct Av1Config {
  std::uint8_t profile = 0;  // 0 Main, 1 High, 2 Professional
  std::uint8_t level_idx = 0;
  bool high_tier = false;
  std::uint8_t bit_depth = 8;
  bool monochrome = false;
  std::uint32_t width = 0;  // 0: the record carries no sequence header
  std::uint32_t height = 0;
  double frame_rate = 0;  // 0: the stream does not say
};

Result<Av1Config> parse_av1_config(Bytes record);

// "Main", "High", "Professional".
std::string av1_profile_name(const Av1Config& config);
// "3.1".
std::string av1_level_name(const Av1Config& config);
// "av01.0.04M.08".
std::string codec_string(const Av1Config& config);
Result<Description> describe_av1(Bytes record);

// A temporal unit without its temporal delimiters, which FLV and MP4 leave out ("AV1 in ISOBMFF" 2.4).
Bytes without_temporal_delimiters(Bytes temporal_unit);
// For a record without a sequence header: from the one in the key frame.
std::optional<PictureSize> av1_key_frame_size(Bytes record, Bytes key_frame);

}  // namespace srs::codec
