// Silence: a frame of sound in which nothing is heard, made without an encoder.
//
// AAC: a raw_data_block (ISO 14496-3 4.4.2.1) whose channels have no spectral data. Opus: a frame of 20 ms
// that the range decoder reads as silence (RFC 6716 4.3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "core/byte_reader.h"

namespace srs::codec {

struct SilentFrame {
  std::vector<std::uint8_t> bytes;  // as it stands in FLV, behind the tag's header
  double duration_ms = 0;
};

// record: the codec configuration. Nothing for codecs, and kinds of AAC, that it is not made for.
std::optional<SilentFrame> silent_frame(AudioCodec codec, Bytes record);

std::optional<SilentFrame> silent_aac(Bytes record);
std::optional<SilentFrame> silent_opus(Bytes record);

}  // namespace srs::codec
