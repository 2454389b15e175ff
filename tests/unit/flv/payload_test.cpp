#include "flv/payload.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::flv;
using codec::AudioCodec;
using codec::VideoCodec;

namespace {

struct VideoRow {
  const char* header;  // the body aabbcc follows
  PacketKind kind;
  VideoCodec codec;
  bool key_frame, enhanced;
  std::int32_t composition_time_ms;
  bool written;  // our writers produce it, too
};

const VideoRow video_rows[] = {
    {"17 00 000000", PacketKind::sequence_start, VideoCodec::avc, false, false, 0, true},
    {"17 01 000043", PacketKind::coded_frames, VideoCodec::avc, true, false, 67, true},
    {"27 01 ffffd6", PacketKind::coded_frames, VideoCodec::avc, false, false, -42, true},
    {"17 02 000000", PacketKind::sequence_end, VideoCodec::avc, false, false, 0, true},
    {"17 09 000000", PacketKind::other, VideoCodec::avc, false, false, 0, false},
    {"37 01 000000", PacketKind::coded_frames, VideoCodec::avc, false, false, 0, false},  // disposable
    {"1c 00 000000", PacketKind::sequence_start, VideoCodec::hevc, false, false, 0, false},
    {"1c 01 000028", PacketKind::coded_frames, VideoCodec::hevc, true, false, 40, false},
    {"1d 00 000000", PacketKind::sequence_start, VideoCodec::av1, false, false, 0, false},
    {"2d 01 000000", PacketKind::coded_frames, VideoCodec::av1, false, false, 0, false},
    {"12", PacketKind::coded_frames, VideoCodec::h263, true, false, 0, true},
    {"22", PacketKind::coded_frames, VideoCodec::h263, false, false, 0, true},
    {"13", PacketKind::coded_frames, VideoCodec::screen, true, false, 0, true},
    {"16", PacketKind::coded_frames, VideoCodec::screen, true, false, 0, false},
    {"24", PacketKind::coded_frames, VideoCodec::vp6, false, false, 0, true},
    {"15", PacketKind::coded_frames, VideoCodec::vp6, true, false, 0, false},
    {"1f", PacketKind::coded_frames, VideoCodec::unknown, true, false, 0, false},
    {"57", PacketKind::other, VideoCodec::avc, false, false, 0, false},  // info/command
    {"90 68766331", PacketKind::sequence_start, VideoCodec::hevc, false, true, 0, true},
    {"91 68766331 000043", PacketKind::coded_frames, VideoCodec::hevc, true, true, 67, true},
    {"a1 68766331 ffffff", PacketKind::coded_frames, VideoCodec::hevc, false, true, -1, true},
    {"a3 68766331", PacketKind::coded_frames, VideoCodec::hevc, false, true, 0, true},
    {"92 68766331", PacketKind::sequence_end, VideoCodec::hevc, false, true, 0, true},
    {"93 61766331", PacketKind::coded_frames, VideoCodec::avc, true, true, 0, false},
    {"91 76766331 000001", PacketKind::coded_frames, VideoCodec::vvc, true, true, 1, true},
    {"90 61763031", PacketKind::sequence_start, VideoCodec::av1, false, true, 0, true},
    {"91 61763031", PacketKind::coded_frames, VideoCodec::av1, true, true, 0, true},
    {"a1 76703039", PacketKind::coded_frames, VideoCodec::vp9, false, true, 0, true},
    {"91 76703038", PacketKind::coded_frames, VideoCodec::vp8, true, true, 0, true},
    {"94 68766331", PacketKind::metadata, VideoCodec::hevc, false, true, 0, false},
    {"95 61763031", PacketKind::other, VideoCodec::av1, false, true, 0, false},  // MPEG-2 TS descriptor
    {"91 7a7a7a7a", PacketKind::coded_frames, VideoCodec::unknown, true, true, 0, false},
    {"d1", PacketKind::other, VideoCodec::unknown, false, true, 0, false},  // command: no FourCC
};

struct AudioRow {
  const char* header;
  PacketKind kind;
  AudioCodec codec;
  bool enhanced;
  std::uint32_t sample_rate;
  int channels;
  bool written;
};

const AudioRow audio_rows[] = {
    {"af 00", PacketKind::sequence_start, AudioCodec::aac, false, 44100, 2, true},
    {"af 01", PacketKind::coded_frames, AudioCodec::aac, false, 44100, 2, true},
    {"af 07", PacketKind::other, AudioCodec::aac, false, 44100, 2, false},
    {"2f", PacketKind::coded_frames, AudioCodec::mp3, false, 44100, 2, true},
    {"2a", PacketKind::coded_frames, AudioCodec::mp3, false, 22050, 1, true},
    {"e6", PacketKind::coded_frames, AudioCodec::mp3, false, 8000, 1, false},
    {"37", PacketKind::coded_frames, AudioCodec::pcm, false, 11025, 2, true},
    {"02", PacketKind::coded_frames, AudioCodec::pcm, false, 5512, 1, false},
    {"12", PacketKind::coded_frames, AudioCodec::adpcm, false, 5512, 1, true},
    {"42", PacketKind::coded_frames, AudioCodec::nellymoser, false, 16000, 1, false},
    {"52", PacketKind::coded_frames, AudioCodec::nellymoser, false, 8000, 1, false},
    {"6e", PacketKind::coded_frames, AudioCodec::nellymoser, false, 44100, 1, true},
    {"72", PacketKind::coded_frames, AudioCodec::g711a, false, 8000, 1, true},
    {"82", PacketKind::coded_frames, AudioCodec::g711u, false, 8000, 1, true},
    {"b6", PacketKind::coded_frames, AudioCodec::speex, false, 16000, 1, true},
    {"ff", PacketKind::coded_frames, AudioCodec::unknown, false, 44100, 2, false},
    {"90 4f707573", PacketKind::sequence_start, AudioCodec::opus, true, 0, 0, true},
    {"91 4f707573", PacketKind::coded_frames, AudioCodec::opus, true, 0, 0, true},
    {"92 4f707573", PacketKind::sequence_end, AudioCodec::opus, true, 0, 0, true},
    {"91 61632d33", PacketKind::coded_frames, AudioCodec::ac3, true, 0, 0, true},
    {"91 65632d33", PacketKind::coded_frames, AudioCodec::eac3, true, 0, 0, true},
    {"91 664c6143", PacketKind::coded_frames, AudioCodec::flac, true, 0, 0, true},
    {"90 6d703461", PacketKind::sequence_start, AudioCodec::aac, true, 0, 0, false},
    {"91 2e6d7033", PacketKind::coded_frames, AudioCodec::mp3, true, 0, 0, false},
    {"94 4f707573", PacketKind::other, AudioCodec::opus, true, 0, 0, false},  // MultichannelConfig
};

std::vector<std::uint8_t> with_body(const char* header) {
  auto bytes = bytes_of(header);
  for (const int byte : {0xaa, 0xbb, 0xcc}) bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}

std::vector<std::uint8_t> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

const auto expected_body = bytes_of("aabbcc");

}  // namespace

TEST_CASE("video headers are read") {
  for (const VideoRow& row : video_rows) {
    CAPTURE(row.header);
    const auto payload = with_body(row.header);
    const auto video = parse_video(payload);
    REQUIRE(video);
    CHECK(video->kind == row.kind);
    CHECK(video->codec == row.codec);
    CHECK(video->key_frame == row.key_frame);
    CHECK(video->enhanced == row.enhanced);
    CHECK(video->composition_time_ms == row.composition_time_ms);
    CHECK_FALSE(video->multitrack);
    CHECK(video->track_id == 0);
    CHECK(video->nanosecond_offset == 0);
    CHECK(copy(video->body) == expected_body);
  }
}

TEST_CASE("video headers are written") {
  for (const VideoRow& row : video_rows) {
    if (!row.written) continue;
    CAPTURE(row.header);
    ByteWriter writer;
    write_video_header(writer, row.codec, row.kind, row.key_frame, row.composition_time_ms);
    CHECK(copy(writer.view()) == bytes_of(row.header));
  }
  ByteWriter writer;
  write_enhanced_video_header(writer, VideoCodec::avc, PacketKind::coded_frames, true);
  write_enhanced_video_header(writer, VideoCodec::avc, PacketKind::coded_frames, false, 5);
  write_enhanced_video_header(writer, VideoCodec::avc, PacketKind::sequence_start, true, 5);
  CHECK(copy(writer.view()) == bytes_of("93 61766331  a1 61766331 000005  90 61766331"));
}

TEST_CASE("audio headers are read") {
  for (const AudioRow& row : audio_rows) {
    CAPTURE(row.header);
    const auto payload = with_body(row.header);
    const auto audio = parse_audio(payload);
    REQUIRE(audio);
    CHECK(audio->kind == row.kind);
    CHECK(audio->codec == row.codec);
    CHECK(audio->enhanced == row.enhanced);
    CHECK(audio->sample_rate == row.sample_rate);
    CHECK(audio->channels == row.channels);
    CHECK_FALSE(audio->multitrack);
    CHECK(copy(audio->body) == expected_body);
  }
}

TEST_CASE("audio headers are written") {
  for (const AudioRow& row : audio_rows) {
    if (!row.written) continue;
    CAPTURE(row.header);
    ByteWriter writer;
    // Speex and G.711 imply their rates; the two bits are up to the writer.
    const std::uint32_t rate = row.codec == AudioCodec::speex ? 11025 : row.sample_rate;
    const bool fixed = row.codec == AudioCodec::g711a || row.codec == AudioCodec::g711u;
    write_audio_header(writer, row.codec, row.kind, fixed ? 8000 : rate, static_cast<unsigned>(row.channels));
    CHECK(copy(writer.view()) == bytes_of(row.header));
  }
  ByteWriter writer;
  write_audio_header(writer, AudioCodec::aac, PacketKind::coded_frames, 8000, 1);  // always 44100 stereo
  write_enhanced_audio_header(writer, AudioCodec::aac, PacketKind::sequence_start);
  CHECK(copy(writer.view()) == bytes_of("af01 90 6d703461"));
}

TEST_CASE("truncated headers are errors") {
  for (const VideoRow& row : video_rows) {
    CAPTURE(row.header);
    for_each_truncation(bytes_of(row.header), [](const std::vector<std::uint8_t>& bytes) {
      // An end of sequence may come without the composition time.
      const bool bare_end = bytes.size() >= 2 && bytes[0] == 0x17 && bytes[1] == 2;
      CHECK(parse_video(bytes).ok() == bare_end);
    });
    CHECK(parse_video(bytes_of(row.header)));
  }
  for (const AudioRow& row : audio_rows) {
    CAPTURE(row.header);
    for_each_truncation(bytes_of(row.header),
                        [](const std::vector<std::uint8_t>& bytes) { CHECK_FALSE(parse_audio(bytes)); });
    CHECK(parse_audio(bytes_of(row.header)));
  }
  CHECK(parse_video({}).error().message == "video payload is empty");
}
