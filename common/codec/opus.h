// Opus: the identification header (RFC 7845 5.1), which Enhanced RTMP uses as sequence header.
#pragma once

#include <cstdint>

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

}  // namespace srs::codec
