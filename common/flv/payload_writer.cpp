#include <cassert>

#include "codec/table.h"
#include "flv/payload.h"

namespace srs::flv {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

// SequenceStart 0, CodedFrames 1, SequenceEnd 2: the same numbers in AVC's and AAC's legacy headers.
unsigned packet_type(PacketKind kind) {
  assert(kind <= PacketKind::sequence_end);
  return static_cast<unsigned>(kind);
}

// Sequence starts and ends are written as key frames, which players look for.
unsigned frame_type(PacketKind kind, bool key_frame) {
  return kind != PacketKind::coded_frames || key_frame ? 1 : 2;
}

// The two bits for a rate: the nearest one not above it.
unsigned rate_bits(std::uint32_t sample_rate) {
  return sample_rate >= 44100 ? 3 : sample_rate >= 22050 ? 2 : sample_rate >= 11025 ? 1 : 0;
}

}  // namespace

void write_video_header(ByteWriter& to, VideoCodec codec, PacketKind kind, bool key_frame,
                        std::int32_t composition_time_ms) {
  const codec::FlvIds& flv = codec::row(codec).flv;
  if (flv.written == 0) return write_enhanced_video_header(to, codec, kind, key_frame, composition_time_ms);
  to.u8(frame_type(kind, key_frame) << 4 | flv.written);
  if (!flv.packet_type) return;
  to.u8(packet_type(kind));
  to.u24(static_cast<std::uint32_t>(kind == PacketKind::coded_frames ? composition_time_ms : 0));
}

void write_enhanced_video_header(ByteWriter& to, VideoCodec codec, PacketKind kind, bool key_frame,
                                 std::int32_t composition_time_ms) {
  static constexpr unsigned coded_frames_x = 3;
  const codec::VideoRow& row = codec::row(codec);
  assert(row.fourcc.code != 0);
  const bool timed = row.composition_time;
  unsigned type = packet_type(kind);
  const bool frames = kind == PacketKind::coded_frames;
  if (frames && timed && composition_time_ms == 0) type = coded_frames_x;  // three bytes less
  to.u8(0x80 | frame_type(kind, key_frame) << 4 | type);
  to.u32(row.fourcc.code);
  if (frames && timed && type != coded_frames_x) to.u24(static_cast<std::uint32_t>(composition_time_ms));
}

void write_audio_header(ByteWriter& to, AudioCodec codec, PacketKind kind, std::uint32_t sample_rate,
                        unsigned channels) {
  const codec::FlvIds& flv = codec::row(codec).flv;
  if (flv.written == 0) return write_enhanced_audio_header(to, codec, kind);
  if (flv.packet_type) {
    to.u8(flv.written << 4 | 0x0f);
    to.u8(packet_type(kind));
    return;
  }
  static constexpr unsigned sixteen_bits = 2;
  to.u8(flv.written << 4 | rate_bits(sample_rate) << 2 | sixteen_bits | (channels > 1 ? 1u : 0u));
}

void write_enhanced_audio_header(ByteWriter& to, AudioCodec codec, PacketKind kind) {
  assert(codec::fourcc(codec) != 0);
  to.u8(0x90 | packet_type(kind));
  to.u32(codec::fourcc(codec));
}

}  // namespace srs::flv
