// VP9 (and VP8): VPCodecConfigurationRecord, the vpcC of "VP Codec ISO Media File Format Binding".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/description.h"
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
Result<Description> describe_vp9(Bytes record);
// The content of vpcC: the record without the version and flags that some writers put in front.
std::vector<std::uint8_t> vp9_box(Bytes record);
// The record says no size; a key frame does (VP9 bitstream specification 6.2).
std::optional<PictureSize> vp9_key_frame_size(Bytes record, Bytes frame);

}  // namespace srs::codec
