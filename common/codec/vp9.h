// VP9 (and VP8): VPCodecConfigurationRecord, the vpcC of "VP Codec ISO Media File Format Binding".
#pragma once

#include <cstdint>
#include <string>

#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

struct VpConfig {
  std::uint8_t profile = 0;
  std::uint8_t level = 0;  // 10 times the level; 0: unknown
  std::uint8_t bit_depth = 8;
  std::uint8_t chroma_subsampling = 1;
};

// With or without the version and flags of the box in front: writers of FLV differ.
Result<VpConfig> parse_vp_config(Bytes record);

// "vp09.00.31.08".
std::string vp9_codec_string(const VpConfig& config);

}  // namespace srs::codec
