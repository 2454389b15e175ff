#include "flv/payload.h"

#include "codec/table.h"

namespace srs::flv {
namespace {

// Packet types of Enhanced RTMP. Audio and video number their multitrack packets differently.
enum : unsigned {
  type_sequence_start = 0,
  type_coded_frames = 1,
  type_sequence_end = 2,
  type_coded_frames_x = 3,  // video only
  type_metadata = 4,        // video only
  type_audio_multitrack = 5,
  type_video_multitrack = 6,
  type_mod_ex = 7,
};

constexpr unsigned frame_type_key = 1, frame_type_generated_key = 4, frame_type_command = 5;
constexpr unsigned sound_format_enhanced = 9;

Error truncated(const char* what) {
  return {Errc::invalid_data, what};
}

// The fields of an enhanced header that audio and video share.
struct EnhancedHeader {
  unsigned packet_type = 0;
  std::uint32_t nanosecond_offset = 0;
  std::uint32_t fourcc = 0;
  bool multitrack = false;
  bool many_tracks = false;
  std::uint8_t track_id = 0;
  Bytes body;
};

void parse_mod_ex(ByteReader& reader, EnhancedHeader& header) {
  static constexpr unsigned mod_ex_nanosecond_offset = 0;
  while (header.packet_type == type_mod_ex && !reader.failed()) {
    std::size_t size = reader.u8() + 1u;
    if (size == 256) size = reader.u16() + 1u;
    ByteReader data(reader.bytes(size));
    const std::uint8_t types = reader.u8();
    if (types >> 4 == mod_ex_nanosecond_offset) header.nanosecond_offset = data.u24();
    header.packet_type = types & 15u;
  }
}

// Parses the tracks, which follow the packet type, and chooses one.
void parse_multitrack(ByteReader& reader, EnhancedHeader& header, std::uint8_t wanted_track) {
  enum : unsigned { one_track = 0, many_tracks = 1, many_tracks_many_codecs = 2 };
  header.multitrack = true;
  const std::uint8_t types = reader.u8();
  const unsigned layout = types >> 4;
  header.packet_type = types & 15u;
  if (layout > many_tracks_many_codecs) return reader.fail();
  header.many_tracks = layout != one_track;
  const std::uint32_t common_fourcc = layout == many_tracks_many_codecs ? 0 : reader.u32();
  for (bool first = true; first || reader.remaining() > 0; first = false) {
    const std::uint32_t fourcc = layout == many_tracks_many_codecs ? reader.u32() : common_fourcc;
    const std::uint8_t track_id = reader.u8();
    const Bytes body = layout == one_track ? reader.rest() : reader.bytes(reader.u24());
    if (reader.failed()) return;
    if (!first && track_id != wanted_track) continue;
    header.fourcc = fourcc;
    header.track_id = track_id;
    header.body = body;
    if (track_id == wanted_track) return;
  }
}

void parse_tracks(ByteReader& reader, EnhancedHeader& header, unsigned multitrack_type,
                  std::uint8_t wanted_track) {
  if (header.packet_type == multitrack_type) return parse_multitrack(reader, header, wanted_track);
  header.fourcc = reader.u32();
  header.body = reader.rest();
}

PacketKind video_kind(unsigned packet_type) {
  switch (packet_type) {
    case type_sequence_start:
      return PacketKind::sequence_start;
    case type_coded_frames:
    case type_coded_frames_x:
      return PacketKind::coded_frames;
    case type_sequence_end:
      return PacketKind::sequence_end;
    case type_metadata:
      return PacketKind::metadata;
    default:
      return PacketKind::other;
  }
}

PacketKind audio_kind(unsigned packet_type) {
  switch (packet_type) {
    case type_sequence_start:
      return PacketKind::sequence_start;
    case type_coded_frames:
      return PacketKind::coded_frames;
    case type_sequence_end:
      return PacketKind::sequence_end;
    default:
      return PacketKind::other;
  }
}

bool is_key(unsigned frame_type) {
  return frame_type == frame_type_key || frame_type == frame_type_generated_key;
}

Result<VideoPayload> parse_enhanced_video(Bytes payload, std::uint8_t wanted_track) {
  ByteReader reader(payload);
  const std::uint8_t first = reader.u8();
  const unsigned frame_type = first >> 4 & 7u;
  EnhancedHeader header;
  header.packet_type = first & 15u;
  parse_mod_ex(reader, header);
  VideoPayload video;
  video.enhanced = true;
  // A command has one byte in place of FourCC and tracks.
  if (frame_type == frame_type_command && header.packet_type != type_metadata && !reader.failed()) {
    video.body = reader.rest();
    return video;
  }
  parse_tracks(reader, header, type_video_multitrack, wanted_track);
  if (reader.failed()) return truncated("enhanced video header is cut short");
  video.kind = video_kind(header.packet_type);
  video.codec = codec::video_codec_of(header.fourcc);
  video.key_frame = video.kind == PacketKind::coded_frames && is_key(frame_type);
  video.multitrack = header.multitrack;
  video.many_tracks = header.many_tracks;
  video.track_id = header.track_id;
  video.nanosecond_offset = header.nanosecond_offset;
  video.fourcc = header.fourcc;
  ByteReader body(header.body);
  if (header.packet_type == type_coded_frames && codec::row(video.codec).composition_time)
    video.composition_time_ms = body.s24();
  if (body.failed()) return truncated("enhanced video header is cut short");
  video.body = body.rest();
  return video;
}

// Some formats have a fixed rate; the others code it in two bits.
std::uint32_t legacy_sample_rate(unsigned format, unsigned rate_bits) {
  static constexpr std::uint32_t rates[] = {5512, 11025, 22050, 44100};
  switch (format) {
    case 4:
    case 11:
      return 16000;
    case 5:
    case 7:
    case 8:
    case 14:
      return 8000;
    default:
      return rates[rate_bits];
  }
}

Result<AudioPayload> parse_enhanced_audio(Bytes payload, std::uint8_t wanted_track) {
  ByteReader reader(payload);
  EnhancedHeader header;
  header.packet_type = reader.u8() & 15u;
  parse_mod_ex(reader, header);
  parse_tracks(reader, header, type_audio_multitrack, wanted_track);
  if (reader.failed()) return truncated("enhanced audio header is cut short");
  AudioPayload audio;
  audio.enhanced = true;
  audio.kind = audio_kind(header.packet_type);
  audio.codec = codec::audio_codec_of(header.fourcc);
  audio.multitrack = header.multitrack;
  audio.many_tracks = header.many_tracks;
  audio.track_id = header.track_id;
  audio.nanosecond_offset = header.nanosecond_offset;
  audio.fourcc = header.fourcc;
  audio.body = header.body;
  return audio;
}

}  // namespace

Result<VideoPayload> parse_video(Bytes payload, std::uint8_t wanted_track) {
  ByteReader reader(payload);
  const std::uint8_t first = reader.u8();
  if (reader.failed()) return truncated("video payload is empty");
  if (first & 0x80) return parse_enhanced_video(payload, wanted_track);
  VideoPayload video;
  const unsigned frame_type = first >> 4;
  video.codec = codec::video_codec_of_flv(first & 15u);
  if (frame_type == frame_type_command) {
    video.body = reader.rest();
    return video;
  }
  video.kind = PacketKind::coded_frames;
  if (codec::row(video.codec).flv.packet_type) {
    const unsigned packet_type = reader.u8();
    video.kind = packet_type <= type_sequence_end ? video_kind(packet_type) : PacketKind::other;
    // Some encoders end a sequence with these two bytes alone.
    if (video.kind != PacketKind::sequence_end || reader.remaining() >= 3)
      video.composition_time_ms = reader.s24();
    if (reader.failed()) return truncated("video header is cut short");
  }
  video.key_frame = video.kind == PacketKind::coded_frames && is_key(frame_type);
  video.body = reader.rest();
  return video;
}

Result<AudioPayload> parse_audio(Bytes payload, std::uint8_t wanted_track) {
  ByteReader reader(payload);
  const std::uint8_t first = reader.u8();
  if (reader.failed()) return truncated("audio payload is empty");
  const unsigned format = first >> 4;
  if (format == sound_format_enhanced) return parse_enhanced_audio(payload, wanted_track);
  AudioPayload audio;
  audio.codec = codec::audio_codec_of_flv(format);
  audio.kind = PacketKind::coded_frames;
  audio.sample_rate = legacy_sample_rate(format, first >> 2 & 3u);
  audio.channels = first & 1u ? 2 : 1;
  if (codec::row(audio.codec).flv.packet_type) {
    const unsigned packet_type = reader.u8();
    audio.kind = packet_type <= type_coded_frames ? audio_kind(packet_type) : PacketKind::other;
    if (reader.failed()) return truncated("AAC header is cut short");
  }
  audio.body = reader.rest();
  return audio;
}

}  // namespace srs::flv
