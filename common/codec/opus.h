// Opus: the identification header (RFC 7845 5.1), which Enhanced RTMP uses as sequence header.
#pragma once

#include <cstdint>

#include "codec/audio_frame.h"
#include "codec/description.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

// Opus always decodes at this rate, whatever the input was.
inline constexpr std::uint32_t opus_sample_rate = 48000;

struct OpusConfig {
  std::uint8_t channels = 0;
  std::uint16_t pre_skip = 0;           // samples at 48 kHz that players leave out at the start
  std::uint32_t input_sample_rate = 0;  // of the source, for information; 0: unknown
  std::int16_t output_gain = 0;         // 1/256 dB
  std::uint8_t mapping_family = 0;
};

Result<OpusConfig> parse_opus_config(Bytes head);
Result<Description> describe_opus(Bytes head);
// With dOps (Opus in ISOBMFF 4.3.2).
Result<AudioEntry> opus_entry(Bytes head);

// Of a packet (RFC 6716 3.1), at 48 kHz; 0: it cannot be read. The box is not needed.
std::uint32_t samples_in_opus(Bytes packet, Bytes box = {});

}  // namespace srs::codec
