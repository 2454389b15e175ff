// The headers inside FLV audio and video tags, which RTMP audio and video messages share.
//
// Legacy: Adobe FLV 10.1 E.4.2 and E.4.3. Enhanced: Enhanced RTMP v2, with its ModEx and
// multitrack packets. Of a multitrack packet one track is given out. The pre-standard video codec
// ids 12 (HEVC) and 13 (AV1) read like AVC's 7.
//
// Parsing runs once a message on the relay's path: it allocates nothing unless it fails.
// Bodies borrow from the payload.
#pragma once

#include <cstdint>

#include "codec/codec.h"
#include "core/byte_reader.h"
#include "core/byte_writer.h"
#include "core/result.h"

namespace srs::flv {

enum class PacketKind : std::uint8_t {
  sequence_start,  // body: the codec's configuration record
  coded_frames,    // body: a coded picture, or audio frames
  sequence_end,
  metadata,  // Enhanced video only (HDR colours); body: AMF
  other,     // video info/command frames, channel layouts, reserved packet types
};

struct VideoPayload {
  PacketKind kind = PacketKind::other;
  codec::VideoCodec codec = codec::VideoCodec::unknown;
  bool key_frame = false;  // of coded_frames only: never set with a sequence start
  bool enhanced = false;
  bool multitrack = false;
  std::uint8_t track_id = 0;
  std::int32_t composition_time_ms = 0;  // presentation minus decoding time
  std::uint32_t nanosecond_offset = 0;   // to add to the presentation time
  std::uint32_t fourcc = 0;              // as sent; 0 if legacy
  Bytes body;                            // what follows all headers
};

struct AudioPayload {
  PacketKind kind = PacketKind::other;
  codec::AudioCodec codec = codec::AudioCodec::unknown;
  bool enhanced = false;
  bool multitrack = false;
  std::uint8_t track_id = 0;
  // What the legacy header says (0 if enhanced). For AAC it says nothing: see the sequence start.
  std::uint32_t sample_rate = 0;
  std::uint8_t channels = 0;
  std::uint32_t nanosecond_offset = 0;
  std::uint32_t fourcc = 0;
  Bytes body;
};

// Of a multitrack packet the wanted track, or else its first one: track_id tells which.
// An error: the headers are cut short. Unknown codecs are no error.
Result<VideoPayload> parse_video(Bytes payload, std::uint8_t wanted_track = 0);
Result<AudioPayload> parse_audio(Bytes payload, std::uint8_t wanted_track = 0);

// FourCC codes, first letter in the highest byte. 0 / unknown if there is none.
std::uint32_t fourcc(codec::VideoCodec codec);
std::uint32_t fourcc(codec::AudioCodec codec);
codec::VideoCodec video_codec_of(std::uint32_t fourcc);
codec::AudioCodec audio_codec_of(std::uint32_t fourcc);

// Appends the header of a video tag in the form that most players know: legacy for AVC, VP6,
// H.263 and screen video, enhanced for all others. kind: sequence_start, coded_frames or
// sequence_end; of the legacy ones only AVC has sequences. The composition time is left out where
// the form has no room for one.
void write_video_header(ByteWriter& to, codec::VideoCodec codec, PacketKind kind, bool key_frame,
                        std::int32_t composition_time_ms = 0);
// The same, always enhanced.
void write_enhanced_video_header(ByteWriter& to, codec::VideoCodec codec, PacketKind kind, bool key_frame,
                                 std::int32_t composition_time_ms = 0);

// Appends the header of an audio tag: enhanced for Opus, AC-3, E-AC-3 and FLAC, legacy for all
// others. Rate and channels count for MP3 and PCM only; AAC always says 44100 stereo.
void write_audio_header(ByteWriter& to, codec::AudioCodec codec, PacketKind kind,
                        std::uint32_t sample_rate = 44100, unsigned channels = 2);
void write_enhanced_audio_header(ByteWriter& to, codec::AudioCodec codec, PacketKind kind);

}  // namespace srs::flv
