// Every row of the table of codecs, word for word, and what must hold for all of them.
#include "codec/table.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

// What a row says in words and numbers. A new codec is a line here.
struct Line {
  const char* name;
  const char* fourcc;
  const char* entry;  // of MP4, with its box behind it
  unsigned ts_type;
  const char* ts_registration;
  const char* rtp;
  std::uint32_t rtp_clock_rate;
  const char* ffmpeg;
  unsigned flv_written;
  std::uint16_t flv_read;
};

struct VideoLine {
  VideoCodec codec;
  Line line;
};

struct AudioLine {
  AudioCodec codec;
  const char* codec_string;
  Line line;
};

// clang-format off
const VideoLine videos[] = {
    {VideoCodec::avc,    {"H.264",          "avc1", "avc1 avcC", 0x1b, "", "H264", 90'000, "h264", 7, 1 << 7}},
    {VideoCodec::hevc,   {"H.265",          "hvc1", "hvc1 hvcC", 0,    "", "H265", 90'000, "hevc", 0, 1 << 12}},
    {VideoCodec::av1,    {"AV1",            "av01", "av01 av1C", 0,    "", "AV1",  90'000, "av1",  0, 1 << 13}},
    {VideoCodec::vp9,    {"VP9",            "vp09", "vp09 vpcC", 0,    "", "VP9",  90'000, "vp9",  0, 0}},
    {VideoCodec::vp8,    {"VP8",            "vp08", "",          0,    "", "VP8",  90'000, "",     0, 0}},
    {VideoCodec::vvc,    {"H.266",          "vvc1", "",          0,    "", "H266", 90'000, "",     0, 0}},
    {VideoCodec::h263,   {"Sorenson H.263", "",     "",          0,    "", "",     0,      "",     2, 1 << 2}},
    {VideoCodec::screen, {"Screen video",   "",     "",          0,    "", "",     0,      "",     3, 1 << 3 | 1 << 6}},
    {VideoCodec::vp6,    {"VP6",            "",     "",          0,    "", "",     0,      "",     4, 1 << 4 | 1 << 5}},
};

const AudioLine audios[] = {
    {AudioCodec::aac,        "",           {"AAC",          "mp4a", "mp4a esds", 0x0f, "",     "mpeg4-generic", 0, "aac", 10, 1 << 10}},
    {AudioCodec::opus,       "Opus",       {"Opus",         "Opus", "Opus dOps", 0,    "",     "opus",  48'000, "opus", 0, 0}},
    {AudioCodec::ac3,        "ac-3",       {"AC-3",         "ac-3", "ac-3 dac3", 0x81, "AC-3", "ac3",        0, "ac3",  0, 0}},
    {AudioCodec::eac3,       "ec-3",       {"E-AC-3",       "ec-3", "ec-3 dec3", 0x87, "EAC3", "eac3",       0, "eac3", 0, 0}},
    {AudioCodec::mp3,        "mp4a.40.34", {"MP3",          ".mp3", "mp4a esds", 0x03, "",     "MPA",   90'000, "mp3",  2, 1 << 2 | 1 << 14}},
    {AudioCodec::flac,       "fLaC",       {"FLAC",         "fLaC", "fLaC dfLa", 0,    "",     "",           0, "flac", 0, 0}},
    {AudioCodec::pcm,        "",           {"PCM",          "",     "",          0,    "",     "",           0, "",     3, 1 << 0 | 1 << 3}},
    {AudioCodec::adpcm,      "",           {"ADPCM",        "",     "",          0,    "",     "",           0, "",     1, 1 << 1}},
    {AudioCodec::nellymoser, "",           {"Nellymoser",   "",     "",          0,    "",     "",           0, "",     6, 1 << 4 | 1 << 5 | 1 << 6}},
    {AudioCodec::g711a,      "",           {"G.711 A-law",  "",     "",          0,    "",     "PCMA",   8'000, "",     7, 1 << 7}},
    {AudioCodec::g711u,      "",           {"G.711 mu-law", "",     "",          0,    "",     "PCMU",   8'000, "",     8, 1 << 8}},
    {AudioCodec::speex,      "",           {"Speex",        "",     "",          0,    "",     "speex", 16'000, "",    11, 1 << 11}},
};
// clang-format on

template <class Row>
void check_line(const Row& row, const Line& line) {
  CAPTURE(line.name);
  CHECK(row.name == line.name);
  CHECK(row.fourcc.text == line.fourcc);
  const bool is_in_mp4 = !row.mp4.entry.empty();
  CHECK((is_in_mp4 ? std::string(row.mp4.entry) + " " + std::string(row.mp4.box) : "") == line.entry);
  CHECK(row.ts.type == line.ts_type);
  CHECK(row.ts.registration == line.ts_registration);
  CHECK(row.rtp.name == line.rtp);
  CHECK(row.rtp.clock_rate == line.rtp_clock_rate);
  CHECK(row.ffmpeg == line.ffmpeg);
  CHECK(row.flv.written == line.flv_written);
  CHECK(row.flv.read == line.flv_read);
}

// What both kinds have in common.
struct Seen {
  std::set<std::string_view> names, fourccs, ffmpeg;
  std::set<unsigned> ts_types;

  template <class Row>
  void check(const Row& row) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    if (row.fourcc.code != 0) {
      CHECK(row.fourcc.text.size() == 4);
      CHECK(fourccs.insert(row.fourcc.text).second);
    }
    if (!row.ffmpeg.empty()) CHECK(ffmpeg.insert(row.ffmpeg).second);
    if (row.ts.type != 0) CHECK(ts_types.insert(row.ts.type).second);
    // Some form of tag carries it, and what is written is read as the same codec.
    CHECK((row.fourcc.code != 0 || row.flv.written != 0));
    CHECK(row.flv.written < 16);
    if (row.flv.written != 0) CHECK((row.flv.read >> row.flv.written & 1) == 1);
    // Whatever goes into MPEG-TS goes into MP4, too.
    if (row.ts.type != 0) CHECK_FALSE(row.mp4.entry.empty());
    CHECK(row.mp4.entry.empty() == row.mp4.box.empty());
    if (!row.mp4.entry.empty()) {
      CHECK(row.mp4.entry.size() == 4);
      CHECK(row.mp4.box.size() == 4);
    }
    CHECK((row.mp4.box == "esds") == (row.mp4.object_type != 0));
    // What srs-ingest copies has to go somewhere.
    if (!row.ffmpeg.empty()) CHECK(row.fourcc.code != 0);
  }
};

template <class Row>
unsigned all_flv_ids(std::span<const Row> rows) {
  unsigned all = 0;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK((all & row.flv.read) == 0);
    all |= row.flv.read;
  }
  return all;
}

}  // namespace

TEST_CASE("rows are those of this list") {
  CHECK(std::size(videos) == video_rows().size());
  for (const VideoLine& one : videos) check_line(row(one.codec), one.line);
  CHECK(std::size(audios) == audio_rows().size());
  for (const AudioLine& one : audios) {
    check_line(row(one.codec), one.line);
    CHECK(row(one.codec).codec_string == one.codec_string);
  }
  CHECK(row(VideoCodec::unknown).name == "unknown");
  CHECK(row(AudioCodec::unknown).name == "unknown");
}

TEST_CASE("a row is found by its codec, and names, FourCCs and ids are of one codec") {
  Seen seen;
  for (const VideoRow& one : video_rows()) {
    CHECK(row(one.codec).name == one.name);
    CHECK(name(one.codec) == one.name);
    CHECK(video_codec_of(one.fourcc.code) == (one.fourcc.code != 0 ? one.codec : VideoCodec::unknown));
    CHECK(audio_codec_of(one.fourcc.code) == AudioCodec::unknown);
    CHECK(fourcc(one.codec) == one.fourcc.code);
    seen.check(one);
  }
  for (const AudioRow& one : audio_rows()) {
    CHECK(row(one.codec).name == one.name);
    CHECK(name(one.codec) == one.name);
    CHECK(audio_codec_of(one.fourcc.code) == (one.fourcc.code != 0 ? one.codec : AudioCodec::unknown));
    CHECK(video_codec_of(one.fourcc.code) == VideoCodec::unknown);
    CHECK(fourcc(one.codec) == one.fourcc.code);
    seen.check(one);
  }
  CHECK(video_codec_of(0) == VideoCodec::unknown);
  CHECK(video_codec_of(0x61766331) == VideoCodec::avc);  // "avc1"
  CHECK(audio_codec_of(0x2e6d7033) == AudioCodec::mp3);  // ".mp3"
}

TEST_CASE("each number of an old tag header means one codec at most") {
  // No codec: 0, 1, 8 to 11, 14 and 15 of video; 9 (Enhanced RTMP), 12, 13 and 15 of audio.
  CHECK(all_flv_ids(video_rows()) == 0x30fc);
  CHECK(all_flv_ids(audio_rows()) == 0x4dff);
  for (unsigned id = 0; id < 16; ++id) {
    const auto video = video_codec_of_flv(id);
    CHECK((video == VideoCodec::unknown || (row(video).flv.read >> id & 1) == 1));
    const auto audio = audio_codec_of_flv(id);
    CHECK((audio == AudioCodec::unknown || (row(audio).flv.read >> id & 1) == 1));
  }
  CHECK(video_codec_of_flv(7) == VideoCodec::avc);
  CHECK(video_codec_of_flv(9) == VideoCodec::unknown);
  CHECK(audio_codec_of_flv(0) == AudioCodec::pcm);
  CHECK(audio_codec_of_flv(9) == AudioCodec::unknown);
}

TEST_CASE("codecs by FFmpeg's names are those that are copied") {
  CHECK(video_codec_of_ffmpeg("h264") == VideoCodec::avc);
  CHECK(video_codec_of_ffmpeg("vp8") == VideoCodec::unknown);
  CHECK(video_codec_of_ffmpeg("aac") == VideoCodec::unknown);
  CHECK(audio_codec_of_ffmpeg("eac3") == AudioCodec::eac3);
  CHECK(video_codec_of_ffmpeg("") == VideoCodec::unknown);
  CHECK(audio_codec_of_ffmpeg("") == AudioCodec::unknown);
}

TEST_CASE("a row has the functions that its containers need") {
  for (const VideoRow& one : video_rows()) {
    CAPTURE(one.name);
    // MP4 and playlists get the size of pictures from the description.
    if (!one.mp4.entry.empty()) CHECK((one.describe != nullptr));
    if (one.nal != nullptr) {
      CHECK(one.nal_units);
      CHECK((one.describe != nullptr));
      CHECK((one.nal->is_slice != nullptr));
      CHECK((one.nal->is_random_access != nullptr));
      CHECK((one.nal->is_delimiter != nullptr));
      CHECK_FALSE(one.nal->sei_header.empty());
      CHECK((one.nal->set_id != nullptr));
      CHECK((one.nal->describe_sps != nullptr));
      CHECK((one.nal->sets_in_record != nullptr));
      CHECK((one.nal->build_record != nullptr));
      CHECK(one.nal->length_size_at > 0);
    }
    if (one.nal_units) CHECK(one.composition_time);
  }
  for (const AudioRow& one : audio_rows()) {
    CAPTURE(one.name);
    // The sample rate comes from the configuration or from each frame; playlists name the codec.
    if (!one.mp4.entry.empty()) {
      CHECK((one.entry != nullptr) != (one.parse_frame != nullptr));
      CHECK((!one.codec_string.empty() || one.describe != nullptr));
    }
    CHECK((one.parse_frame != nullptr) == (one.frame_record != nullptr));
    if (one.record_in_each_frame) CHECK((one.frame_record != nullptr));
    if (one.needs_header) CHECK((one.entry != nullptr));
  }
}

TEST_CASE("functions of all rows read anything without harm") {
  const auto try_bytes = [](const std::vector<std::uint8_t>& bytes) {
    for (const VideoRow& one : video_rows()) {
      if (one.describe != nullptr) (void)one.describe(bytes).ok();
      if (one.box != nullptr) CHECK(one.box(bytes).size() <= bytes.size());
      if (one.key_frame_size != nullptr) (void)one.key_frame_size(bytes, bytes);
      if (one.bare_picture != nullptr) CHECK(one.bare_picture(bytes).size() <= bytes.size());
      (void)is_random_access(one.codec, bytes, 4);
    }
    for (const AudioRow& one : audio_rows()) {
      if (one.describe != nullptr) (void)one.describe(bytes).ok();
      if (one.entry != nullptr) (void)one.entry(bytes).ok();
      if (one.silent_frame != nullptr) (void)one.silent_frame(bytes);
      if (one.parse_frame != nullptr) (void)one.parse_frame(bytes);
      if (one.frame_record != nullptr) CHECK(one.frame_record(bytes).size <= 3);
      if (one.frame_samples != nullptr) (void)one.frame_samples(bytes, bytes);
    }
  };
  for (const char* record :
       {"0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000468ef8fcb",
        "81010c000a0b0000000cc5036936be4010", "4f707573486561640102380180bb0000000000", "1210", "fffb54c4",
        "0b77 01ff 3f87 c0002080200002"}) {
    for_each_truncation(bytes_of(record), try_bytes);
    for_each_flipped_bit(bytes_of(record), try_bytes);
  }
}

TEST_CASE("decoding starts at an IDR, behind other NAL units, or where there are none at any key frame") {
  CHECK(is_random_access(VideoCodec::avc, bytes_of("00000002 0600 00000002 6588"), 4));
  CHECK_FALSE(is_random_access(VideoCodec::avc, bytes_of("00000002 0600 00000002 4188"), 4));
  CHECK_FALSE(is_random_access(VideoCodec::avc, bytes_of("00"), 4));
  CHECK(is_random_access(VideoCodec::hevc, bytes_of("0003 4e0105 0003 2a01af"), 2));        // CRA
  CHECK_FALSE(is_random_access(VideoCodec::hevc, bytes_of("0003 4e0105 0003 0201d0"), 2));  // TRAIL_R
  CHECK(is_random_access(VideoCodec::vp9, bytes_of("00"), 4));
}

TEST_CASE("what the rows give for MP4 is what writers of MP4 put there") {
  // array_completeness of all arrays is set.
  const auto hevc =
      row(VideoCodec::hevc)
          .box(
              bytes_of("01016000000090000000000078f000fcfdf8f800000f02 20 0001 0002 4001 21 0001 0002 4201"));
  CHECK(hevc ==
        bytes_of("01016000000090000000000078f000fcfdf8f800000f02 a0 0001 0002 4001 a1 0001 0002 4201"));
  // vpcC without version and flags.
  CHECK(row(VideoCodec::vp9).box(bytes_of("01000000 0015820202020000")) == bytes_of("0015820202020000"));
  CHECK(row(VideoCodec::vp9).box(bytes_of("0015820202020000")) == bytes_of("0015820202020000"));
  // Opus turns its numbers around.
  const auto opus = row(AudioCodec::opus).entry(bytes_of("4f707573486561640102380180bb0000000000"));
  REQUIRE(opus);
  CHECK(opus->box == bytes_of("00 02 0138 0000bb80 0000 00"));
  CHECK(opus->sample_rate == 48'000);
  const auto aac = row(AudioCodec::aac).entry(bytes_of("1210"));
  REQUIRE(aac);
  CHECK(aac->box == bytes_of("1210"));
  CHECK(aac->sample_rate == 44'100);
  CHECK(aac->frame_samples == 1024);
}

TEST_CASE("AV1 has no temporal delimiters in FLV and MP4") {
  const auto bare = row(VideoCodec::av1).bare_picture;
  const auto of = [&](const char* hex) {
    const auto from = bytes_of(hex);
    const Bytes to = bare(from);
    return std::vector<std::uint8_t>(to.begin(), to.end());
  };
  CHECK(of("1200 1200 3201aa") == bytes_of("3201aa"));
  CHECK(of("3201aa") == bytes_of("3201aa"));
  CHECK(of("1200").empty());
}
