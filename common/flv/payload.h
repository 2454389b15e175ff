// The headers inside FLV audio and video tags, which RTMP audio and video messages share.
//
// Legacy: Adobe FLV 10.1 E.4.2 and E.4.3. Enhanced: Enhanced RTMP v2, with its ModEx and multitrack packets.
// One track of a multitrack packet is returned. The pre-standard video codec ids 12 (HEVC) and 13 (AV1) are
// parsed like AVC's 7.
//
// Parsing runs once a message on the relay's hot path: it allocates nothing unless it fails. Bodies borrow
// from the payload.
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
  bool key_frame = false;  // only with coded_frames, never with a sequence start
  bool enhanced = false;
  bool multitrack = false;
  bool many_tracks = false;  // the packet has other tracks, or could have
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
  bool many_tracks = false;  // the packet has other tracks, or could have
  std::uint8_t track_id = 0;
  // From the legacy header (0 if enhanced). AAC does not use it: see the sequence start.
  std::uint32_t sample_rate = 0;
  std::uint8_t channels = 0;
  std::uint32_t nanosecond_offset = 0;
  std::uint32_t fourcc = 0;
  Bytes body;
};

// From a multitrack packet the wanted track, or else the first one: track_id tells which. Truncated headers
// are an error, unknown codecs are not.
Result<VideoPayload> parse_video(Bytes payload, std::uint8_t wanted_track = 0);
Result<AudioPayload> parse_audio(Bytes payload, std::uint8_t wanted_track = 0);

// Appends the header of a video tag in the form that most players know: legacy where the codec's row has an
// id for it (AVC, VP6, H.263, screen video), enhanced for all others. kind: sequence_start, coded_frames or
// sequence_end; of the legacy codecs only AVC has sequences. The composition time is omitted where the form
// has no field for it.
void write_video_header(ByteWriter& to, codec::VideoCodec codec, PacketKind kind, bool key_frame,
                        std::int32_t composition_time_ms = 0);
// The same, always enhanced.
void write_enhanced_video_header(ByteWriter& to, codec::VideoCodec codec, PacketKind kind, bool key_frame,
                                 std::int32_t composition_time_ms = 0);

// Appends the header of an audio tag: legacy where the codec's row has an id for it, enhanced for all others
// (Opus, AC-3, E-AC-3, FLAC). Rate and channels are used for MP3 and PCM only; AAC always says 44100 stereo.
void write_audio_header(ByteWriter& to, codec::AudioCodec codec, PacketKind kind,
                        std::uint32_t sample_rate = 44100, unsigned channels = 2);
void write_enhanced_audio_header(ByteWriter& to, codec::AudioCodec codec, PacketKind kind);

}  // namespace srs::flv
