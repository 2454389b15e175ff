// AAC: the AudioSpecificConfig, and the ADTS header that MPEG-TS wants in front of each frame.
//
// ISO 14496-3 1.6.2.1 and 4.4.1; ADTS: 1.A.2.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/audio_frame.h"
#include "codec/description.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

inline constexpr std::size_t adts_header_size = 7;
using AdtsHeader = std::array<std::uint8_t, adts_header_size>;

struct AacConfig {
  std::uint8_t object_type = 2;            // of the core coder: 1 Main, 2 LC, 3 SSR, 4 LTP, 23 LD, 42 xHE-AAC
  bool sbr = false;                        // said in the configuration (HE-AAC)
  bool ps = false;                         // parametric stereo, said in the configuration (HE-AACv2)
  std::uint32_t core_sample_rate = 0;      // of the core coder, Hz
  std::uint32_t sample_rate = 0;           // what a decoder puts out: with SBR the extension's rate
  std::uint8_t channel_configuration = 0;  // 0: a program config element counts them
  std::uint8_t channels = 0;               // what a decoder puts out: 2 for mono with PS
  std::uint16_t samples_per_frame = 1024;  // of the core coder: 1024 or 960; LD: 512 or 480

  // The 7 bytes (no CRC) in front of a raw frame of this size; none if ADTS cannot say it:
  // an object type over 4, a rate outside the table, a channel layout of its own, or a frame
  // over 8184 bytes.
  std::optional<AdtsHeader> adts_header(std::size_t frame_size) const;
};

// Explicit signalling of SBR and PS, hierarchical (object type 5 and 29) and backward compatible
// (sync extension 0x2b7), and escaped sampling frequencies.
Result<AacConfig> parse_aac_config(Bytes bytes);

// The AudioSpecificConfig of plain AAC (object type 2: LC); empty if there is none for that many
// channels: 1 to 8 have one.
std::vector<std::uint8_t> build_aac_config(std::uint32_t sample_rate, unsigned channels,
                                           std::uint8_t object_type = 2);

// "LC", "HE-AAC", "HE-AACv2", ...
std::string_view aac_profile_name(const AacConfig& config);
// RFC 6381: "mp4a.40.2", "mp4a.40.5", "mp4a.40.29".
std::string codec_string(const AacConfig& config);
Result<Description> describe_aac(Bytes record);
// With the AudioSpecificConfig, which esds holds as it is.
Result<AudioEntry> aac_entry(Bytes record);

}  // namespace srs::codec
