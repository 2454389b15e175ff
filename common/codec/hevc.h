// HEVC (H.265): the configuration record, the sequence parameter set, and their names.
//
// HEVCDecoderConfigurationRecord: ISO 14496-15 8.3.3.1. SPS: ITU-T H.265 7.3.2.2, 7.3.3 and
// annex E. As in avc.h, nothing a peer sends does worse than an Error.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/description.h"
#include "codec/nal_syntax.h"
#include "codec/vui.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

enum class HevcNalType : std::uint8_t {
  bla_w_lp = 16,  // 16 to 23: pictures that decoding can start at
  idr_w_radl = 19,
  idr_n_lp = 20,
  cra = 21,
  vps = 32,
  sps = 33,
  pps = 34,
  aud = 35,
  sei_prefix = 39,
  sei_suffix = 40,
};

inline HevcNalType hevc_nal_type(std::uint8_t first_byte) {
  return static_cast<HevcNalType>(first_byte >> 1 & 0x3f);
}
inline bool hevc_is_random_access(HevcNalType type) {
  return static_cast<std::uint8_t>(type) >= 16 && static_cast<std::uint8_t>(type) <= 23;
}

// profile_tier_level() without its sub-layers.
struct HevcProfile {
  std::uint8_t space = 0;
  bool high_tier = false;
  std::uint8_t idc = 0;
  std::uint32_t compatibility_flags = 0;           // flag 0 is the highest bit
  std::array<std::uint8_t, 6> constraint_flags{};  // progressive_source_flag is the highest bit
  std::uint8_t level_idc = 0;                      // 30 times the level
};

struct HevcConfig {
  HevcProfile profile;
  std::uint8_t chroma_format_idc = 1;
  std::uint8_t bit_depth = 8;                  // of luma
  std::uint8_t nal_length_size = 4;            // 1, 2 or 4
  std::vector<std::vector<std::uint8_t>> vps;  // NAL units, header included
  std::vector<std::vector<std::uint8_t>> sps;
  std::vector<std::vector<std::uint8_t>> pps;
};

struct HevcSps {
  HevcProfile profile;
  std::uint8_t chroma_format_idc = 1;
  std::uint8_t bit_depth = 8;
  std::uint32_t width = 0;  // as shown: inside the conformance window
  std::uint32_t height = 0;
  double frame_rate = 0;  // 0: the stream does not say
  std::uint32_t sar_width = 1;
  std::uint32_t sar_height = 1;
  std::optional<Colour> colour;  // nothing: the stream does not say
  int num_reorder_frames = 0;    // sps_max_num_reorder_pics of the highest temporal layer
};

Result<HevcConfig> parse_hevc_config(Bytes record);
Result<HevcSps> parse_hevc_sps(Bytes nal);

// "Main", "Main 10", "Rext", ...; "profile 9" for those without a name here.
std::string hevc_profile_name(const HevcProfile& profile);
// "3.1".
std::string hevc_level_name(const HevcProfile& profile);
// ISO 14496-15 annex E: "hvc1.1.6.L93.B0".
std::string codec_string(const HevcConfig& config);

Result<Description> describe_hevc(Bytes record);
Result<Description> describe_hevc_sps(Bytes nal);
// The content of hvcC: the record with array_completeness set.
std::vector<std::uint8_t> hevc_box(Bytes from);

extern const NalSyntax hevc_nals;

}  // namespace srs::codec
