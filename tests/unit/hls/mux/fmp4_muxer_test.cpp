#include "srs-hls/mux/fmp4_muxer.h"

#include <doctest/doctest.h>

#include "codec/table.h"
#include "srs-hls/cut/stream.h"
#include "unit/hls/samples.h"
#include "unit/mp4/boxes.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;
using codec::VideoCodec;

const std::vector<std::uint8_t> idr = bytes_of("00000004 65 88 84 00");
const std::vector<std::uint8_t> slice = bytes_of("00000003 41 9a 24");
const std::vector<std::uint8_t> aac_frame = bytes_of("21 10 04 60 8c 1c");
// ffmpeg -f lavfi -i sine=r=48000 -ac 6 -c:a ac3 -b:a 384k, and -ac 2
const std::vector<std::uint8_t> ac3_51 = bytes_of("0b771e8b1c40ebf8403eff74fe1e1080");
const std::vector<std::uint8_t> ac3_stereo = bytes_of("0b771e8b1440437206f2b94303030308");

// ffmpeg -f lavfi -i testsrc2=s=320x180 -c:v libx264 -preset ultrafast; with another level in its record.
std::string test_avc(const std::string& level = "0c") {
  return "0142c0" + level + "ffe100176742c00cda05067e7c0440000003004000000c83c50aa801000468ce0fc8";
}

void configure(Fmp4Muxer& muxer) {
  REQUIRE(muxer.configure_video(VideoCodec::avc, bytes_of(test_avc())).ok());
  REQUIRE(muxer.configure_audio(AudioCodec::aac, bytes_of(aac_record)).ok());
}

// Pictures of 40 ms and audio of 23 ms, from picture number `from` to `to`.
void write(Fmp4Muxer& muxer, int from, int to) {
  for (int i = from; i < to; ++i) {
    REQUIRE(muxer.write_video(i % 50 == 0 ? idr : slice, {i * 40, i * 40 + 80, 0}, i % 50 == 0));
    REQUIRE(muxer.write_audio(aac_frame, {i * 40, i * 40, 0}));
  }
}

std::vector<mp4::ReadSample> samples_of(const std::vector<Slice>& parts, std::uint32_t track) {
  std::vector<mp4::ReadSample> all;
  for (const Slice& part : parts) {
    const auto fragment = mp4::read_fragment(part.bytes());
    const auto& samples = fragment.track(track)->samples;
    all.insert(all.end(), samples.begin(), samples.end());
  }
  return all;
}

TEST_CASE("a segment in parts has the samples of one that is whole") {
  Fmp4Muxer whole, apart;
  for (Fmp4Muxer* muxer : {&whole, &apart}) {
    configure(*muxer);
    muxer->begin_segment();
  }
  write(whole, 0, 50);
  const std::vector<Slice> segment{whole.end_part(2'000)};
  std::vector<Slice> parts;
  std::uint64_t end[3] = {};
  for (int i = 0; i < 50; i += 5) {
    write(apart, i, i + 5);
    parts.push_back(apart.end_part((i + 5) * 40));
    const auto fragment = mp4::read_fragment(parts.back().bytes());
    CHECK(fragment.sequence_number == static_cast<std::uint32_t>(i / 5 + 1));
    for (const auto& track : fragment.tracks) {
      if (i > 0) CHECK(track.decode_time == end[track.id]);
      end[track.id] = track.end();
    }
  }
  CHECK(whole.init_section().bytes().size() == apart.init_section().bytes().size());
  for (const std::uint32_t id : {mp4::video_track_id, mp4::audio_track_id}) {
    const auto one = samples_of(segment, id), other = samples_of(parts, id);
    REQUIRE(one.size() == 50);
    REQUIRE(other.size() == 50);
    std::uint64_t one_end = 0, other_end = 0;
    for (std::size_t i = 0; i < 50; ++i) {
      CHECK(
          std::equal(one[i].bytes.begin(), one[i].bytes.end(), other[i].bytes.begin(), other[i].bytes.end()));
      CHECK(one[i].composition_offset == other[i].composition_offset);
      CHECK(one[i].sync() == other[i].sync());
      one_end += one[i].duration;
      other_end += other[i].duration;
    }
    if (id == mp4::video_track_id) CHECK(one_end == other_end);
  }
}

std::vector<std::uint8_t> init_of(const Fmp4Muxer& muxer) {
  const Slice init = muxer.init_section();
  return {init.bytes().begin(), init.bytes().end()};
}

const std::string entries = "moov/trak/mdia/minf/stbl/stsd";

TEST_CASE("a configuration takes effect with the next segment, with its init section") {
  Fmp4Muxer muxer;
  configure(muxer);
  CHECK(muxer.init_section().empty());
  muxer.begin_segment();
  write(muxer, 0, 5);
  const auto before = init_of(muxer);
  REQUIRE_FALSE(before.empty());
  REQUIRE(muxer.configure_audio(AudioCodec::aac, bytes_of("11 90")).ok());  // 48 kHz
  CHECK(init_of(muxer) == before);
  CHECK_FALSE(muxer.write_audio(aac_frame, {200, 200, 0}));
  CHECK(muxer.write_video(slice, {200, 200, 0}, false));
  muxer.end_part(240);
  CHECK(init_of(muxer) == before);
  muxer.begin_segment();
  CHECK(muxer.write_audio(aac_frame, {240, 240, 0}));
  const auto after = init_of(muxer);
  CHECK(after != before);
  ByteReader mdhd(mp4::find_box(after, "moov/trak2/mdia/mdhd").content);
  mdhd.skip(12);
  CHECK(mdhd.u32() == 48'000);
}

TEST_CASE("AC-3 is described by its first frame") {
  Fmp4Muxer muxer;
  REQUIRE(muxer.configure_audio(AudioCodec::ac3, {}).ok());
  muxer.begin_segment();
  CHECK_FALSE(muxer.write_audio(bytes_of("00 00"), {0, 0, 0}));
  CHECK(muxer.init_section().empty());
  CHECK(muxer.write_audio(ac3_51, {0, 0, 0}));
  const auto init = init_of(muxer);
  CHECK(mp4::find_box(init, entries + "/ac-3/dac3").content.size() == 3);
  CHECK(muxer.write_audio(ac3_stereo, {32, 32, 0}));
  CHECK(init_of(muxer) == init);
  const Slice part = muxer.end_part(std::nullopt);
  const auto fragment = mp4::read_fragment(part.bytes());
  REQUIRE(fragment.tracks[0].samples.size() == 2);
  for (const auto& sample : fragment.tracks[0].samples) CHECK(sample.duration == 1'536);
}

TEST_CASE("encryption begins, changes and ends with a segment, and so does the init section") {
  Fmp4Muxer muxer;
  configure(muxer);
  SampleEncryption encryption;
  encryption.key.fill(1);
  encryption.key_id.fill(2);
  encryption.iv.fill(3);
  muxer.begin_segment();
  write(muxer, 0, 1);
  const auto clear = init_of(muxer);
  CHECK(muxer.encrypt(encryption));
  CHECK(init_of(muxer) == clear);
  muxer.end_part(40);
  muxer.begin_segment();
  write(muxer, 1, 2);
  const Slice hidden = muxer.end_part(80);
  const auto first = init_of(muxer);
  const Bytes tenc = mp4::find_box(first, entries + "/encv/sinf/schi/tenc").content;
  CHECK(
      std::vector<std::uint8_t>(tenc.begin(), tenc.end()) ==
      bytes_of("01000000 00 19 01 00 02020202020202020202020202020202 10 03030303030303030303030303030303"));
  const auto read = mp4::read_fragment(hidden.bytes());
  CHECK(read.tracks[0].samples[0].subsamples.size() == 1);
  encryption.key.fill(4);
  encryption.key_id.fill(5);
  muxer.encrypt(encryption);
  muxer.begin_segment();
  write(muxer, 2, 3);
  muxer.end_part(120);
  CHECK(init_of(muxer) != first);
  muxer.encrypt(std::nullopt);
  muxer.begin_segment();
  CHECK(init_of(muxer) == clear);
}

TEST_CASE("fragmented MP4 carries the codecs whose row has a sample entry") {
  const Fmp4Muxer muxer;
  for (const codec::VideoRow& row : codec::video_rows()) {
    CAPTURE(row.name);
    CHECK(muxer.supports(row.codec) == !row.mp4.entry.empty());
  }
  for (const codec::AudioRow& row : codec::audio_rows()) {
    CAPTURE(row.name);
    CHECK(muxer.supports(row.codec) == !row.mp4.entry.empty());
  }
  CHECK_FALSE(muxer.supports(VideoCodec::unknown));
  CHECK_FALSE(muxer.supports(AudioCodec::unknown));
}

TEST_CASE("AV1 and VP9 are not encrypted") {
  Fmp4Muxer muxer;
  muxer.encrypt(SampleEncryption{});
  CHECK_FALSE(muxer.configure_video(VideoCodec::av1, bytes_of("81000c00")).ok());
  CHECK(muxer.configure_video(VideoCodec::avc, bytes_of(test_avc())).ok());
}

TEST_CASE("another muxer continues the fragment numbers") {
  Fmp4Muxer first, second;
  configure(first);
  first.begin_segment();
  write(first, 0, 2);
  first.end_part(80);
  second.restore(first.state());
  configure(second);
  second.begin_segment();
  write(second, 2, 4);
  const Slice part = second.end_part(160);
  CHECK(mp4::read_fragment(part.bytes()).sequence_number == 2);
}

constexpr std::int64_t frame_ms = 1'024 * 1'000 / 44'100;

// Of the first track of a fragment.
std::uint64_t decode_time(const Slice& fragment) {
  return mp4::read_fragment(fragment.bytes()).tracks.at(0).decode_time;
}

TEST_CASE("another muxer continues where the previous fragments ended") {
  const auto frame = bytes_of("21 10 04");
  const auto begin = [](Fmp4Muxer& muxer) {
    REQUIRE(muxer.configure_audio(AudioCodec::aac, bytes_of("12 08")).ok());
    muxer.begin_segment();
  };
  Fmp4Muxer first;
  begin(first);
  for (int i = 0; i < 4; ++i) first.write_audio(frame, {i * frame_ms, i * frame_ms, 0});
  const std::uint64_t begun = decode_time(first.end_part(std::nullopt));

  // A lost frame between the two; an hour later, another timeline.
  for (const std::int64_t later : {5 * frame_ms, std::int64_t{3'600'000}}) {
    Fmp4Muxer second;
    second.restore(first.state());
    begin(second);
    second.write_audio(frame, {later, later, 0});
    const std::uint64_t promised = begun + 4 * 1'024;
    CHECK(decode_time(second.end_part(std::nullopt)) == (later < 1'000 ? promised : later * 441 / 10));
  }
  for (const char* broken : {"", ",", "x", "1", "1,2", "1,-1,-1", "1,9223372036854775807,9223372036854775807",
                             ",,,,", "99999999999"}) {
    Fmp4Muxer muxer;
    muxer.restore(broken);
    begin(muxer);
    muxer.write_audio(frame, {0, 0, 0});
    CHECK(muxer.end_part(std::nullopt).size() > 0);
  }
}

// What a player gets from a stream that changes its configuration.
TEST_CASE("every segment names the init section that its frames were made with") {
  for (const auto part : {0ms, 200ms}) {
    CAPTURE(part.count());
    const PresentationSettings settings{.format = Format::fmp4,
                                        .rendition = {.window = 100, .in_memory = true}};
    TurnedClock clock;
    Presentation presentation("live/x", settings, Places{}, nullptr, clock, silent_log());
    Stream::Muxing muxing;
    muxing.main = std::make_unique<Fmp4Muxer>();
    Stream stream(presentation, CutSettings{2s, part}, std::move(muxing), nullptr, 0, clock, silent_log());
    stream.on_message(video_header(test_avc()));
    stream.on_message(audio_header());
    for (int i = 0; i < 300; ++i) {
      if (i == 150) stream.on_message(video_header(test_avc("1e")));
      stream.on_message(i % 50 == 0 ? key_frame(i * 40) : picture(i * 40));
      stream.on_message(sound(i * 40));
    }
    stream.end(Stream::End::ended);
    const Playlist& list = presentation.main().playlist();
    REQUIRE(list.segments.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) {
      CAPTURE(i);
      const StoredFile* map = presentation.main().find(list.segments[i].map);
      REQUIRE(map != nullptr);
      const Bytes avcc = mp4::find_box(map->content[0].bytes(), entries + "/avc1/avcC").content;
      const int level = i < 3 ? 0x0c : 0x1e;
      const bool changed = i == 0 || i == 3;  // the first one always counts as new
      CHECK(avcc[3] == level);
      CHECK(list.segments[i].discontinuity == changed);
    }
  }
}

}  // namespace
}  // namespace srs::hls
