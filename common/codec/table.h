// The table of codecs: one row for each, with all that containers, protocols and tools have to know of it.
//
// To add a codec: its value in codec.h, its row in table.cpp, its line in tests/unit/codec/table_test.cpp.
// What parses its configuration or its frames is a file of its own in this folder; the row points to the
// functions. A container or protocol carries a codec as soon as the row names it there, unless its frames
// have to be rewritten for it: MPEG-TS does that with H.264 and AAC only (srs-hls/mux/ts_muxer.h).
//
// Rows are constants and are found by the enum as an index, which costs nothing on the path of a frame. A
// function that is null: the codec has no such thing.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "codec/audio_frame.h"
#include "codec/codec.h"
#include "codec/description.h"
#include "codec/nal_syntax.h"
#include "codec/silence.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

// Four letters, and the number that they are with the first one in the highest byte.
struct FourCc {
  constexpr FourCc() = default;
  constexpr FourCc(const char (&letters)[5]) : text(letters, 4) {
    for (const char letter : text) code = code << 8 | static_cast<std::uint8_t>(letter);
  }
  std::string_view text;
  std::uint32_t code = 0;
};

// The four bits of the old tag headers: CodecID and SoundFormat (Adobe FLV 10.1 E.4.2, E.4.3).
struct FlvIds {
  std::uint8_t written = 0;  // 0: the codec is written in the form of Enhanced RTMP
  std::uint16_t read = 0;    // a bit for each number that means this codec
  // Behind it stands the packet type: sequence start, frames or sequence end; of video also a composition
  // time.
  bool packet_type = false;
};

constexpr std::uint16_t flv_ids(std::initializer_list<unsigned> ids) {
  unsigned bits = 0;
  for (const unsigned id : ids) bits |= 1u << id;
  return static_cast<std::uint16_t>(bits);
}

// The sample entry in MP4 (ISO 14496-12 8.5.2) and the box in it that holds the configuration.
struct Mp4Entry {
  static constexpr int plain = -1;

  std::string_view entry;        // empty: not for MP4 here
  std::string_view box;          // "esds": the configuration is wrapped in descriptors
  int version = plain;           // of a full box
  std::uint8_t object_type = 0;  // in esds (ISO 14496-1 7.2.6.6)
};

// ISO 13818-1 2.4.4.9. HLS takes fewer codecs in MPEG-TS than others do: those without a type need fragmented
// MP4.
struct TsStream {
  std::uint8_t type = 0;          // stream_type; 0: not for MPEG-TS here
  std::string_view registration;  // a private stream, which a descriptor with these letters names
};

// The encoding name of a=rtpmap (RFC 8866 6.6).
struct RtpFormat {
  std::string_view name;         // empty: none is registered
  std::uint32_t clock_rate = 0;  // Hz; 0: the sample rate
};

struct VideoRow {
  VideoCodec codec = VideoCodec::unknown;
  std::string_view name = "unknown";  // for people
  FourCc fourcc{};                    // in Enhanced RTMP; empty: it has none
  FlvIds flv{};
  bool composition_time = false;  // coded frames have one in Enhanced RTMP
  bool nal_units = false;         // pictures are NAL units with lengths in front (ISO 14496-15)
  Mp4Entry mp4{};
  TsStream ts{};
  RtpFormat rtp{};
  std::string_view ffmpeg{};   // FFmpeg's name, if srs-ingest copies it; empty: it transcodes
  unsigned level_divisor = 0;  // FFmpeg's level is so many times the one people say; 0: nobody says it

  // From the configuration record.
  Result<Description> (*describe)(Bytes record) = nullptr;
  // The content of the box in MP4; null: the record as it is.
  std::vector<std::uint8_t> (*box)(Bytes record) = nullptr;
  // Where the record may not tell the size. Nothing: it cannot be read.
  std::optional<PictureSize> (*key_frame_size)(Bytes record, Bytes key_frame) = nullptr;
  // A picture without what only raw streams have; null: there is no such thing.
  Bytes (*bare_picture)(Bytes picture) = nullptr;

  const NalSyntax* nal = nullptr;
};

struct AudioRow {
  AudioCodec codec = AudioCodec::unknown;
  std::string_view name = "unknown";
  FourCc fourcc{};
  FlvIds flv{};
  Mp4Entry mp4{};
  TsStream ts{};
  RtpFormat rtp{};
  std::string_view ffmpeg{};
  std::string_view codec_string{};  // RFC 6381, in playlists; empty: the configuration tells
  bool needs_header = false;        // nobody can decode it without a sequence header

  // From the configuration record.
  Result<Description> (*describe)(Bytes record) = nullptr;
  Result<AudioEntry> (*entry)(Bytes record) = nullptr;
  std::optional<SilentFrame> (*silent_frame)(Bytes record) = nullptr;

  // Of codecs whose frames tell what they are.
  std::optional<AudioFrame> (*parse_frame)(Bytes frame) = nullptr;
  FrameRecord (*frame_record)(Bytes frame) = nullptr;
  // A sequence start says nothing, and a frame without a header is left out.
  bool record_in_each_frame = false;
  // How many samples a frame has, where its header does not tell by parse_frame(). box: of MP4. 0: unknown.
  std::uint32_t (*frame_samples)(Bytes frame, Bytes box) = nullptr;
};

// Rows by the numbers of the enums.
extern const VideoRow* const video_table;
extern const AudioRow* const audio_table;

inline const VideoRow& row(VideoCodec codec) {
  return video_table[static_cast<std::size_t>(codec)];
}
inline const AudioRow& row(AudioCodec codec) {
  return audio_table[static_cast<std::size_t>(codec)];
}

// All rows, without "unknown", those that Enhanced RTMP knows first.
std::span<const VideoRow> video_rows();
std::span<const AudioRow> audio_rows();

// FourCC codes; 0 / unknown if there is none.
inline std::uint32_t fourcc(VideoCodec codec) {
  return row(codec).fourcc.code;
}
inline std::uint32_t fourcc(AudioCodec codec) {
  return row(codec).fourcc.code;
}
VideoCodec video_codec_of(std::uint32_t fourcc);
AudioCodec audio_codec_of(std::uint32_t fourcc);

// By the numbers of old tag headers, 0 to 15; unknown for those of no codec.
extern const std::array<VideoCodec, 16> video_flv_codecs;
extern const std::array<AudioCodec, 16> audio_flv_codecs;

inline VideoCodec video_codec_of_flv(unsigned id) {
  return video_flv_codecs[id & 15];
}
inline AudioCodec audio_codec_of_flv(unsigned id) {
  return audio_flv_codecs[id & 15];
}

// FFmpeg's names of codecs that are copied; unknown for all others. A search: once a stream.
VideoCodec video_codec_of_ffmpeg(std::string_view name);
AudioCodec audio_codec_of_ffmpeg(std::string_view name);

}  // namespace srs::codec
