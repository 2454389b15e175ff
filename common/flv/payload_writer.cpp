#include <cassert>

#include "flv/payload.h"

namespace srs::flv {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

constexpr std::uint32_t code(const char (&letters)[5]) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(letters[i]);
  return value;
}

struct VideoFourcc {
  VideoCodec codec;
  std::uint32_t fourcc;
};
constexpr VideoFourcc video_fourccs[] = {
    {VideoCodec::avc, code("avc1")}, {VideoCodec::hevc, code("hvc1")}, {VideoCodec::av1, code("av01")},
    {VideoCodec::vp9, code("vp09")}, {VideoCodec::vp8, code("vp08")},  {VideoCodec::vvc, code("vvc1")},
};

struct AudioFourcc {
  AudioCodec codec;
  std::uint32_t fourcc;
};
constexpr AudioFourcc audio_fourccs[] = {
    {AudioCodec::aac, code("mp4a")},  {AudioCodec::opus, code("Opus")}, {AudioCodec::ac3, code("ac-3")},
    {AudioCodec::eac3, code("ec-3")}, {AudioCodec::mp3, code(".mp3")},  {AudioCodec::flac, code("fLaC")},
};

// SequenceStart 0, CodedFrames 1, SequenceEnd 2: the same numbers in AVC's and AAC's legacy headers.
unsigned packet_type(PacketKind kind) {
  assert(kind <= PacketKind::sequence_end);
  return static_cast<unsigned>(kind);
}

// Sequence starts and ends go out as key frames: that is what players look for.
unsigned frame_type(PacketKind kind, bool key_frame) {
  return kind != PacketKind::coded_frames || key_frame ? 1 : 2;
}

// 0: no legacy form (PCM's is 3, little-endian).
unsigned legacy_video_id(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h263:
      return 2;
    case VideoCodec::screen:
      return 3;
    case VideoCodec::vp6:
      return 4;
    case VideoCodec::avc:
      return 7;
    default:
      return 0;
  }
}

unsigned legacy_sound_format(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::adpcm:
      return 1;
    case AudioCodec::mp3:
      return 2;
    case AudioCodec::pcm:
      return 3;
    case AudioCodec::nellymoser:
      return 6;
    case AudioCodec::g711a:
      return 7;
    case AudioCodec::g711u:
      return 8;
    case AudioCodec::aac:
      return 10;
    case AudioCodec::speex:
      return 11;
    default:
      return 0;
  }
}

// The two bits for a rate: the nearest one not above it.
unsigned rate_bits(std::uint32_t sample_rate) {
  return sample_rate >= 44100 ? 3 : sample_rate >= 22050 ? 2 : sample_rate >= 11025 ? 1 : 0;
}

}  // namespace

std::uint32_t fourcc(VideoCodec codec) {
  for (const auto& entry : video_fourccs)
    if (entry.codec == codec) return entry.fourcc;
  return 0;
}

std::uint32_t fourcc(AudioCodec codec) {
  for (const auto& entry : audio_fourccs)
    if (entry.codec == codec) return entry.fourcc;
  return 0;
}

VideoCodec video_codec_of(std::uint32_t fourcc) {
  for (const auto& entry : video_fourccs)
    if (entry.fourcc == fourcc) return entry.codec;
  return VideoCodec::unknown;
}

AudioCodec audio_codec_of(std::uint32_t fourcc) {
  for (const auto& entry : audio_fourccs)
    if (entry.fourcc == fourcc) return entry.codec;
  return AudioCodec::unknown;
}

void write_video_header(ByteWriter& to, VideoCodec codec, PacketKind kind, bool key_frame,
                        std::int32_t composition_time_ms) {
  const unsigned id = legacy_video_id(codec);
  if (id == 0) return write_enhanced_video_header(to, codec, kind, key_frame, composition_time_ms);
  to.u8(frame_type(kind, key_frame) << 4 | id);
  if (codec != VideoCodec::avc) return;
  to.u8(packet_type(kind));
  to.u24(static_cast<std::uint32_t>(kind == PacketKind::coded_frames ? composition_time_ms : 0));
}

void write_enhanced_video_header(ByteWriter& to, VideoCodec codec, PacketKind kind, bool key_frame,
                                 std::int32_t composition_time_ms) {
  static constexpr unsigned coded_frames_x = 3;
  assert(fourcc(codec) != 0);
  const bool timed = codec == VideoCodec::avc || codec == VideoCodec::hevc || codec == VideoCodec::vvc;
  unsigned type = packet_type(kind);
  const bool frames = kind == PacketKind::coded_frames;
  if (frames && timed && composition_time_ms == 0) type = coded_frames_x;  // three bytes less
  to.u8(0x80 | frame_type(kind, key_frame) << 4 | type);
  to.u32(fourcc(codec));
  if (frames && timed && type != coded_frames_x) to.u24(static_cast<std::uint32_t>(composition_time_ms));
}

void write_audio_header(ByteWriter& to, AudioCodec codec, PacketKind kind, std::uint32_t sample_rate,
                        unsigned channels) {
  const unsigned format = legacy_sound_format(codec);
  if (format == 0) return write_enhanced_audio_header(to, codec, kind);
  if (codec == AudioCodec::aac) {
    to.u8(0xaf);
    to.u8(packet_type(kind));
    return;
  }
  static constexpr unsigned sixteen_bits = 2;
  to.u8(format << 4 | rate_bits(sample_rate) << 2 | sixteen_bits | (channels > 1 ? 1u : 0u));
}

void write_enhanced_audio_header(ByteWriter& to, AudioCodec codec, PacketKind kind) {
  assert(fourcc(codec) != 0);
  to.u8(0x90 | packet_type(kind));
  to.u32(fourcc(codec));
}

}  // namespace srs::flv
