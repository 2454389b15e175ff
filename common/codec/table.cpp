#include "codec/table.h"

#include <array>

#include "codec/aac.h"
#include "codec/ac3.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/flac.h"
#include "codec/hevc.h"
#include "codec/mp3.h"
#include "codec/opus.h"
#include "codec/vp9.h"

namespace srs::codec {
namespace {

// The order of rows is that of the list in RTMP's connect.
constexpr VideoRow video[] = {
    {
        .codec = VideoCodec::avc,
        .name = "H.264",
        .fourcc = "avc1",
        .flv = {.written = 7, .read = flv_ids({7}), .packet_type = true},
        .composition_time = true,
        .nal_units = true,
        .mp4 = {.entry = "avc1", .box = "avcC"},
        .ts = {.type = 0x1b},
        .rtp = {"H264", 90'000},
        .ffmpeg = "h264",
        .level_divisor = 10,
        .describe = describe_avc,
        .nal = &avc_nals,
    },
    {
        .codec = VideoCodec::hevc,
        .name = "H.265",
        .fourcc = "hvc1",
        .flv = {.read = flv_ids({12}), .packet_type = true},  // of encoders before Enhanced RTMP
        .composition_time = true,
        .nal_units = true,
        .mp4 = {.entry = "hvc1", .box = "hvcC"},
        .rtp = {"H265", 90'000},
        .ffmpeg = "hevc",
        .level_divisor = 30,
        .describe = describe_hevc,
        .box = hevc_box,
        .nal = &hevc_nals,
    },
    {
        .codec = VideoCodec::av1,
        .name = "AV1",
        .fourcc = "av01",
        .flv = {.read = flv_ids({13}), .packet_type = true},  // likewise
        .mp4 = {.entry = "av01", .box = "av1C"},
        .rtp = {"AV1", 90'000},
        .ffmpeg = "av1",
        .describe = describe_av1,
        .key_frame_size = av1_key_frame_size,
        .bare_picture = without_temporal_delimiters,
    },
    {
        .codec = VideoCodec::vp9,
        .name = "VP9",
        .fourcc = "vp09",
        .mp4 = {.entry = "vp09", .box = "vpcC", .version = 1},
        .rtp = {"VP9", 90'000},
        .ffmpeg = "vp9",
        .describe = describe_vp9,
        .box = vp9_box,
        .key_frame_size = vp9_key_frame_size,
    },
    {
        .codec = VideoCodec::vp8,
        .name = "VP8",
        .fourcc = "vp08",
        .rtp = {"VP8", 90'000},
    },
    {
        .codec = VideoCodec::vvc,
        .name = "H.266",
        .fourcc = "vvc1",
        .composition_time = true,
        .nal_units = true,
        .rtp = {"H266", 90'000},
    },
    {
        .codec = VideoCodec::h263,
        .name = "Sorenson H.263",
        .flv = {.written = 2, .read = flv_ids({2})},
    },
    {
        .codec = VideoCodec::screen,
        .name = "Screen video",
        .flv = {.written = 3, .read = flv_ids({3, 6})},
    },
    {
        .codec = VideoCodec::vp6,
        .name = "VP6",
        .flv = {.written = 4, .read = flv_ids({4, 5})},  // without and with alpha
    },
};

constexpr AudioRow audio[] = {
    {
        .codec = AudioCodec::aac,
        .name = "AAC",
        .fourcc = "mp4a",
        .flv = {.written = 10, .read = flv_ids({10}), .packet_type = true},
        .mp4 = {.entry = "mp4a", .box = "esds", .version = 0, .object_type = 0x40},
        .ts = {.type = 0x0f},
        .rtp = {"mpeg4-generic"},
        .ffmpeg = "aac",
        .needs_header = true,
        .describe = describe_aac,
        .entry = aac_entry,
        .silent_frame = silent_aac,
    },
    {
        .codec = AudioCodec::opus,
        .name = "Opus",
        .fourcc = "Opus",
        .mp4 = {.entry = "Opus", .box = "dOps"},
        .rtp = {"opus", 48'000},
        .ffmpeg = "opus",
        .codec_string = "Opus",
        .needs_header = true,
        .describe = describe_opus,
        .entry = opus_entry,
        .silent_frame = silent_opus,
        .frame_samples = samples_in_opus,
    },
    {
        .codec = AudioCodec::ac3,
        .name = "AC-3",
        .fourcc = "ac-3",
        .mp4 = {.entry = "ac-3", .box = "dac3"},
        // ATSC A/52 annex A: a private stream. Apple's authoring specification and FFmpeg have it so.
        .ts = {.type = 0x81, .registration = "AC-3"},
        .rtp = {"ac3"},
        .ffmpeg = "ac3",
        .codec_string = "ac-3",
        .parse_frame = parse_ac3,
        .frame_record = ac3_frame_record,
        .record_in_each_frame = true,
    },
    {
        .codec = AudioCodec::eac3,
        .name = "E-AC-3",
        .fourcc = "ec-3",
        .mp4 = {.entry = "ec-3", .box = "dec3"},
        .ts = {.type = 0x87, .registration = "EAC3"},
        .rtp = {"eac3"},
        .ffmpeg = "eac3",
        .codec_string = "ec-3",
        .parse_frame = parse_eac3,
        .frame_record = eac3_frame_record,
        .record_in_each_frame = true,
    },
    {
        .codec = AudioCodec::mp3,
        .name = "MP3",
        .fourcc = ".mp3",
        .flv = {.written = 2, .read = flv_ids({2, 14})},
        .mp4 = {.entry = "mp4a", .box = "esds", .version = 0, .object_type = 0x6b},
        .ts = {.type = 0x03},
        .rtp = {"MPA", 90'000},
        .ffmpeg = "mp3",
        .codec_string = "mp4a.40.34",
        .parse_frame = parse_mp3,
        .frame_record = mp3_frame_record,
    },
    {
        .codec = AudioCodec::flac,
        .name = "FLAC",
        .fourcc = "fLaC",
        .mp4 = {.entry = "fLaC", .box = "dfLa", .version = 0},
        .ffmpeg = "flac",
        .codec_string = "fLaC",
        .needs_header = true,
        .entry = flac_entry,
        .frame_samples = samples_in_flac,
    },
    {
        .codec = AudioCodec::pcm,
        .name = "PCM",
        .flv = {.written = 3, .read = flv_ids({0, 3})},  // of the machine's order, and little-endian
    },
    {
        .codec = AudioCodec::adpcm,
        .name = "ADPCM",
        .flv = {.written = 1, .read = flv_ids({1})},
    },
    {
        .codec = AudioCodec::nellymoser,
        .name = "Nellymoser",
        .flv = {.written = 6, .read = flv_ids({4, 5, 6})},
    },
    {
        .codec = AudioCodec::g711a,
        .name = "G.711 A-law",
        .flv = {.written = 7, .read = flv_ids({7})},
        .rtp = {"PCMA", 8'000},
    },
    {
        .codec = AudioCodec::g711u,
        .name = "G.711 mu-law",
        .flv = {.written = 8, .read = flv_ids({8})},
        .rtp = {"PCMU", 8'000},
    },
    {
        .codec = AudioCodec::speex,
        .name = "Speex",
        .flv = {.written = 11, .read = flv_ids({11})},
        .rtp = {"speex", 16'000},
    },
};

// Place 0 is "unknown".
template <class Row, std::size_t n>
constexpr std::array<Row, n + 1> by_codec(const Row (&rows)[n]) {
  std::array<Row, n + 1> table{};
  for (const Row& one : rows) table[static_cast<std::size_t>(one.codec)] = one;
  return table;
}

constexpr auto videos = by_codec(video);
constexpr auto audios = by_codec(audio);

template <class Table>
constexpr bool is_whole(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].codec) != i) return false;
  return true;
}
static_assert(is_whole(videos) && is_whole(audios), "a value of the enum has no row");

// What is looked up for each message stands by itself, in a few cache lines.
template <class Codec>
struct Code {
  std::uint32_t fourcc = 0;
  Codec codec{};
};

template <class Codec, class Row, std::size_t n>
constexpr std::array<Code<Codec>, n> fourccs_of(const Row (&rows)[n]) {
  std::array<Code<Codec>, n> codes{};
  std::size_t used = 0;
  for (const Row& one : rows)
    if (one.fourcc.code != 0) codes[used++] = {one.fourcc.code, one.codec};
  return codes;
}

constexpr auto video_fourccs = fourccs_of<VideoCodec>(video);
constexpr auto audio_fourccs = fourccs_of<AudioCodec>(audio);

template <class Codec, class Row, std::size_t n>
constexpr std::array<Codec, 16> flv_codecs_of(const Row (&rows)[n]) {
  std::array<Codec, 16> codecs{};
  for (const Row& one : rows)
    for (unsigned id = 0; id < codecs.size(); ++id)
      if ((one.flv.read >> id & 1) != 0) codecs[id] = one.codec;
  return codecs;
}

template <class Codec, std::size_t n>
Codec codec_of(const std::array<Code<Codec>, n>& codes, std::uint32_t fourcc) {
  for (const auto& one : codes) {
    if (one.fourcc == 0) break;
    if (one.fourcc == fourcc) return one.codec;
  }
  return Codec::unknown;
}

template <class Codec, class Row, std::size_t n>
Codec codec_of_ffmpeg(const Row (&rows)[n], std::string_view name) {
  for (const Row& one : rows)
    if (!one.ffmpeg.empty() && one.ffmpeg == name) return one.codec;
  return Codec::unknown;
}

}  // namespace

constinit const VideoRow* const video_table = videos.data();
constinit const AudioRow* const audio_table = audios.data();

constinit const std::array<VideoCodec, 16> video_flv_codecs = flv_codecs_of<VideoCodec>(video);
constinit const std::array<AudioCodec, 16> audio_flv_codecs = flv_codecs_of<AudioCodec>(audio);

std::span<const VideoRow> video_rows() {
  return video;
}
std::span<const AudioRow> audio_rows() {
  return audio;
}

std::string_view name(VideoCodec codec) {
  return row(codec).name;
}
std::string_view name(AudioCodec codec) {
  return row(codec).name;
}

VideoCodec video_codec_of(std::uint32_t fourcc) {
  return codec_of(video_fourccs, fourcc);
}
AudioCodec audio_codec_of(std::uint32_t fourcc) {
  return codec_of(audio_fourccs, fourcc);
}

VideoCodec video_codec_of_ffmpeg(std::string_view name) {
  return codec_of_ffmpeg<VideoCodec>(video, name);
}
AudioCodec audio_codec_of_ffmpeg(std::string_view name) {
  return codec_of_ffmpeg<AudioCodec>(audio, name);
}

std::optional<AudioFrame> parse_audio_frame(AudioCodec codec, Bytes frame) {
  const auto read = row(codec).parse_frame;
  return read != nullptr ? read(frame) : std::nullopt;
}

}  // namespace srs::codec
