#include "srs-hls/record/record_flv.h"

#include <doctest/doctest.h>

#include "srs-hls/record/flv_index.h"
#include "unit/hls/record/flv_recordings.h"
#include "unit/hls/record/recorder_rig.h"

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

TEST_CASE("FLV: no frame is lost at cuts, each file has what it needs, times begin at 0 and never go back") {
  RecorderRig f(RecordContainer::flv);
  f.headers();
  std::vector<Slice> sent;
  for (std::int64_t ms = 3'000; ms < 13'000; ms += 20) {
    if (ms % 40 == 0) f.picture(ms);
    f.sound(ms);
  }
  f.recorder->end();
  const auto names = f.files(".flv");
  REQUIRE(names.size() == 3);
  int frames = 0;
  int expected = 0;  // each frame contains its number
  for (const std::string& name : names) {
    const auto tags = tags_of(f.place.text(name));
    REQUIRE(tags.size() > 3);
    using enum media::MessageKind;
    const media::MessageKind wanted[] = {metadata, video_header, audio_header, key_frame};
    for (int i = 0; i < 4; ++i) CHECK(media::classify(tags[i].type, tags[i].payload.bytes()) == wanted[i]);
    CHECK(tags[3].timestamp_ms <= 20);
    std::uint32_t newest[2] = {0, 0};
    for (std::size_t i = 3; i < tags.size(); ++i, ++frames) {
      const Bytes payload = tags[i].payload.bytes();
      CHECK((payload[payload.size() - 2] | payload.back() << 8) == ++expected);
      std::uint32_t& track = newest[tags[i].type == flv::TagType::audio ? 1 : 0];
      CHECK(tags[i].timestamp_ms >= track);
      track = tags[i].timestamp_ms;
    }
  }
  CHECK(frames == f.sent);
}

TEST_CASE("FLV: each file contains the colour metadata of its pictures") {
  RecorderRig f(RecordContainer::flv);
  f.headers();
  f.recorder->on_message(
      message_of(flv::TagType::video, 0, "94 61766331 02 0009 636f6c6f72496e666f 03 000009"));
  f.play(0, 6'500);
  f.recorder->end();
  const auto names = f.files(".flv");
  REQUIRE(names.size() == 2);
  for (const std::string& name : names) {
    const auto tags = tags_of(f.place.text(name));
    const auto is_colours = [](const flv::Tag& tag) {
      return media::classify(tag.type, tag.payload.bytes()) == media::MessageKind::video_metadata;
    };
    CHECK(std::count_if(tags.begin(), tags.end(), is_colours) == 1);
  }
}

TEST_CASE("FLV: metadata has the file's duration and the positions of its key frames") {
  RecorderRig f(RecordContainer::flv);
  const auto metadata =
      amf::encode_all({amf::Value("onMetaData"),
                       amf::Value::ecma_array({{"duration", 10.08}, {"encoder", "x"}, {"filesize", 5.0}})});
  f.recorder->on_message(media::make_message(flv::TagType::script, 0, Slice::copy_of(metadata)));
  f.headers();
  f.play(0, 6'500);
  f.recorder->end();
  const auto names = f.files(".flv");
  REQUIRE(names.size() == 2);
  for (const std::string& name : names) {
    const std::string text = f.place.text(name);
    const amf::Value told = metadata_in(text);
    CHECK(told.string_at("encoder") == "x");
    CHECK(told.number_at("filesize") == static_cast<double>(text.size()));
    CHECK(told.number_at("duration") == f.sidecar(name)["duration_s"].get<double>());
    const auto index = index_in(told);
    const std::size_t key_frames = f.sidecar(name)["key_frames"].get<std::size_t>();
    REQUIRE(index.size() == key_frames + 1);
    CHECK(is_at(text, index[0], media::MessageKind::video_header));
    for (std::size_t i = 1; i < index.size(); ++i) {
      CHECK(is_at(text, index[i], media::MessageKind::key_frame));
      CHECK(index[i].time_s == doctest::Approx(static_cast<double>(i - 1)).epsilon(0.01));
    }
  }
}

TEST_CASE("FLV: an index that is full keeps every other key frame, from the first to the last") {
  FlvIndex index({}, 8);
  const std::size_t size = index.payload(0, {}).size();
  for (int i = 0; i < 100; ++i) {
    index.add_key_frame(i * 1'000, 100u + static_cast<unsigned>(i));
    CHECK(index.payload(1'000, milliseconds(5)).size() == size);
  }
  const auto payload = index.payload(1'000, milliseconds(5));
  ByteReader reader(payload);
  (void)amf::decode(reader);
  const auto entries = index_in(*amf::decode(reader));
  REQUIRE(entries.size() >= 4);
  REQUIRE(entries.size() <= 8);
  CHECK(entries.front().position == 100);
  CHECK(entries.back().position > 180);
  const double step = entries[1].position - entries[0].position;
  for (std::size_t i = 1; i < entries.size(); ++i)
    CHECK(entries[i].position - entries[i - 1].position == step);
  // Key frames beyond the file's size are not in its index.
  const auto shorter = index.payload(101, {});
  ByteReader second(shorter);
  (void)amf::decode(second);
  CHECK(index_in(*amf::decode(second)).size() == 1);
  // An index is recognised, with its slots; anything else is not.
  REQUIRE(FlvIndex::parse(payload));
  CHECK(FlvIndex::parse(payload)->payload(0, {}).size() == size);
  CHECK_FALSE(FlvIndex::parse(amf::encode_all({amf::Value("onMetaData"), amf::Value::object({})})));
  CHECK_FALSE(FlvIndex::parse(Bytes(payload).first(payload.size() / 2)));
}

TEST_CASE(
    "FLV: a file begins with the sequence headers of all tracks, and is cut at the first one's key frames") {
  RecorderRig f(RecordContainer::flv);
  const auto track = [&](std::int64_t ms, const std::string& hex) {
    f.recorder->on_message(message_of(flv::TagType::video, ms, hex));
  };
  // Enhanced RTMP: a multitrack packet (6) of one track (0): its packet type, FourCC and track id.
  track(0, "90 61766331 " + real_record);
  track(0, "96 00 61766331 01 " + real_record);
  track(0, "96 00 61766331 01 " + other_record);  // the newest of the track
  track(0, "94 63 64");                           // is no header
  for (std::int64_t ms = 0; ms < 10'000; ms += 500) {
    track(ms, ms % 2'000 == 0 ? "91 61766331 000000 00000002 65 88" : "a1 61766331 000000 00000002 41 88");
    track(ms, "96 01 61766331 01 000000 00000002 65 99");  // all pictures of the second track are key frames
  }
  f.recorder->end();
  const auto names = f.files(".flv");
  REQUIRE(names.size() == 3);
  for (const std::string& name : names) {
    const auto tags = tags_of(f.place.text(name));
    REQUIRE(tags.size() > 4);
    CHECK(std::ranges::equal(tags[1].payload.bytes(), bytes_of("90 61766331 " + real_record)));
    CHECK(std::ranges::equal(tags[2].payload.bytes(), bytes_of("96 00 61766331 01 " + other_record)));
    CHECK(tags[3].payload.bytes()[0] == 0x91);
    CHECK(f.sidecar(name)["key_frames"] == (name == names.back() ? 1 : 2));
  }
}

}  // namespace
}  // namespace srs::hls
