// What a frame of sound says of itself: MP3 (ISO 11172-3 2.4.1.3), AC-3 and E-AC-3 (ETSI TS 102 366 4.3,
// E.1.2), Opus (RFC 6716 3.1), FLAC (RFC 9639 9.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "core/byte_reader.h"

namespace srs::mp4 {

struct AudioFrame {
  std::uint32_t sample_rate = 0;
  unsigned channels = 2;
  std::uint32_t samples = 0;
  std::vector<std::uint8_t> box;  // the content of dac3 or dec3; empty for MP3
};

// Of MP3, AC-3 or E-AC-3; nothing if it does not begin with a header.
std::optional<AudioFrame> read_audio_frame(codec::AudioCodec codec, Bytes frame);

// At 48 kHz.
std::uint32_t samples_in_opus(Bytes packet);
// stream_info: the content of dfLa, for streams of a fixed block size.
std::uint32_t samples_in_flac(Bytes frame, Bytes stream_info);

}  // namespace srs::mp4
