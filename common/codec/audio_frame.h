// What a codec of sound says of itself: in its configuration record, or in each frame.
//
// The types that the functions in a row of table.h give back; the functions are in the codecs' own files.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "core/byte_reader.h"

namespace srs::codec {

// The header of a frame, of codecs that have no configuration record.
struct AudioFrame {
  std::uint32_t sample_rate = 0;  // Hz
  unsigned channels = 2;
  std::uint32_t samples = 0;
  std::vector<std::uint8_t> box;  // the content of its configuration box in MP4; empty: it has none
  // So many bytes at the start of the box are of this frame alone (its bit rate): another value there is no
  // other configuration.
  std::size_t frame_bytes_in_box = 0;
};

// A few bytes of a frame that stand in for the configuration record: they change when the configuration does.
struct FrameRecord {
  std::array<std::uint8_t, 3> bytes{};
  std::size_t size = 0;   // 0: the frame does not begin with a header
  unsigned channels = 0;  // 0: unknown

  Bytes view() const { return Bytes(bytes).first(size); }
};

// What a sample entry of MP4 says of sound, from the configuration record.
struct AudioEntry {
  std::vector<std::uint8_t> box;  // the content of the configuration box
  std::uint32_t sample_rate = 0;  // Hz
  unsigned channels = 2;
  unsigned sample_bits = 16;        // 16 also where the codec has no such thing
  std::uint32_t frame_samples = 0;  // of each frame; 0: they differ
};

// By the codec's row; nothing if it has a record instead, or the frame does not begin with a header.
std::optional<AudioFrame> parse_audio_frame(AudioCodec codec, Bytes frame);

}  // namespace srs::codec
