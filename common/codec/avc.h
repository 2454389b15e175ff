// AVC (H.264): the configuration record, the sequence parameter set, and their names.
//
// AVCDecoderConfigurationRecord: ISO 14496-15 5.3.3.1. SPS: ISO 14496-10 7.3.2.1.1 and annex E.
// Everything here comes from a peer: parsing ends in an Error, never in a crash, and the numbers
// are those of the stream, unchecked against any level.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/description.h"
#include "codec/nal_syntax.h"
#include "codec/vui.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

enum class AvcNalType : std::uint8_t { slice = 1, idr = 5, sei = 6, sps = 7, pps = 8, aud = 9 };

inline AvcNalType avc_nal_type(std::uint8_t first_byte) {
  return static_cast<AvcNalType>(first_byte & 0x1f);
}

struct AvcConfig {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;  // constraint_set0_flag is the highest bit
  std::uint8_t level_idc = 0;
  std::uint8_t nal_length_size = 4;            // 1, 2 or 4
  std::vector<std::vector<std::uint8_t>> sps;  // NAL units, header included
  std::vector<std::vector<std::uint8_t>> pps;
};

struct AvcSps {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;
  std::uint8_t level_idc = 0;
  std::uint8_t chroma_format_idc = 1;  // 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
  std::uint8_t bit_depth = 8;          // of luma
  std::uint32_t width = 0;             // as shown: after cropping
  std::uint32_t height = 0;
  bool interlaced = false;      // frame_mbs_only_flag is 0: fields may occur
  double frame_rate = 0;        // frames a second; 0: the stream does not say
  std::uint32_t sar_width = 1;  // sample aspect ratio
  std::uint32_t sar_height = 1;
  std::optional<Colour> colour;  // nothing: the stream does not say
  int num_reorder_frames = -1;   // -1: the stream does not say
};

// A record may hold no SPS at all (some encoders send them in the stream); it may not be cut short.
Result<AvcConfig> parse_avc_config(Bytes record);
Result<AvcSps> parse_avc_sps(Bytes nal);

// "Constrained Baseline", "High", ...; "profile 99" for those without a name here.
std::string avc_profile_name(std::uint8_t profile_idc, std::uint8_t constraint_flags);
// "4.1", "1b".
std::string avc_level_name(std::uint8_t profile_idc, std::uint8_t constraint_flags, std::uint8_t level_idc);
// RFC 6381: "avc1.64001f".
std::string codec_string(const AvcConfig& config);

Result<Description> describe_avc(Bytes record);
Result<Description> describe_avc_sps(Bytes nal);

extern const NalSyntax avc_nals;

}  // namespace srs::codec
