#include "media/annotations.h"

#include <doctest/doctest.h>

#include "amf/value.h"
#include "media/metadata.h"
#include "unit/bytes_of.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using std::chrono::milliseconds;
using std::chrono::system_clock;

namespace {

Slice metadata(amf::Value value) {
  return Slice::copy_of(amf::encode_all({amf::Value("onMetaData"), std::move(value)}));
}

amf::Value member(Bytes payload, std::string_view key) {
  const auto values = amf::decode_all(payload);
  REQUIRE(values.size() == 2);
  const amf::Value* found = values[1].find(key);
  return found ? *found : amf::Value();
}

}  // namespace

TEST_CASE("onStream is the bytes that srs-pipe(5) says") {
  const auto bytes = bytes_of(
      "02 0008 6f6e53747265616d 03 0004 70617468 02 0006 6c6976652f61 0005 6576656e74 02 0005 626567696e"
      "0006 6f726967696e 02 0004 74657374 000009");
  const Slice encoded = encode_on_stream({"live/a", "test", OnStream::Event::begin});
  CHECK(std::vector<std::uint8_t>(encoded.bytes().begin(), encoded.bytes().end()) == bytes);
  const auto decoded = decode_on_stream(bytes);
  REQUIRE(decoded);
  CHECK(decoded->path == "live/a");
  CHECK(decoded->origin == "test");
  CHECK(decoded->event == OnStream::Event::begin);
}

TEST_CASE("onStream end needs no origin; anything but begin and end is an error") {
  const auto end = decode_on_stream(encode_on_stream({"live/a", {}, OnStream::Event::end}).bytes());
  REQUIRE(end);
  CHECK_FALSE(end->event == OnStream::Event::begin);
  CHECK(end->origin.empty());
  CHECK_FALSE(decode_on_stream(sample_script("onStream", 0).payload.bytes()));
  CHECK_FALSE(decode_on_stream({}));
}

TEST_CASE("annotations are distinguished from other script tags") {
  const auto kind_of = [](const Slice& payload) { return classify(flv::TagType::script, payload.bytes()); };
  CHECK(kind_of(encode_on_stream({"live/a", {}, OnStream::Event::end})) == MessageKind::annotation);
  CHECK(kind_of(encode_on_discontinuity("why")) == MessageKind::annotation);
  CHECK(kind_of(encode_on_clock(system_clock::now())) == MessageKind::annotation);
  CHECK(kind_of(with_stream_notes({}, "", true)) == MessageKind::metadata);
  CHECK(kind_of(sample_script("onCuePoint", 0).payload) == MessageKind::script);
}

TEST_CASE("onClock keeps the time to the millisecond, and refuses times that no clock has") {
  const system_clock::time_point time{milliseconds(1'795'392'000'123)};
  CHECK(decode_on_clock(encode_on_clock(time).bytes()) == time);
  for (const double utc : {-1.0, 1e300, 253'402'300'800'000.0, std::numeric_limits<double>::quiet_NaN()}) {
    const auto payload = amf::encode_all({amf::Value("onClock"), amf::Value::object({{"utc", utc}})});
    CHECK_FALSE(decode_on_clock(payload));
  }
  CHECK_FALSE(decode_on_clock(sample_script("onClock", 0).payload.bytes()));
  CHECK_FALSE(decode_on_clock({}));
}

TEST_CASE("the promise of an end is added to metadata and removed again") {
  const Slice plain = metadata(amf::Value::ecma_array({{"width", 1280}, {"encoder", "x"}}));
  CHECK_FALSE(promises_end(plain.bytes()));
  const Slice promised = with_stream_notes(plain.bytes(), "live/a", true);
  CHECK(promises_end(promised.bytes()));
  CHECK(member(promised.bytes(), "width") == amf::Value(1280));
  CHECK(member(promised.bytes(), "endsWithOnStream") == amf::Value(true));
  CHECK(path_in_metadata(promised.bytes()) == "live/a");
  const Slice back = without_stream_notes(promised.bytes());
  CHECK(std::vector<std::uint8_t>(back.bytes().begin(), back.bytes().end()) ==
        std::vector<std::uint8_t>(plain.bytes().begin(), plain.bytes().end()));
}

TEST_CASE("the promise works without metadata too, and only `true` is one") {
  CHECK(promises_end(with_stream_notes({}, "", true).bytes()));
  CHECK(promises_end(with_stream_notes(metadata("no object").bytes(), "", true).bytes()));
  CHECK_FALSE(promises_end(metadata(amf::Value::object({{"endsWithOnStream", false}})).bytes()));
  // FFmpeg copies metadata into files of its own, as text: that is no promise.
  CHECK_FALSE(promises_end(metadata(amf::Value::object({{"endsWithOnStream", "true"}})).bytes()));
  CHECK_FALSE(promises_end({}));
}

TEST_CASE("metadata announces tracks outright or by their properties") {
  const auto tracks = [](amf::Value value) { return announced_tracks(metadata(std::move(value)).bytes()); };
  CHECK(tracks(amf::Value::ecma_array({{"hasVideo", true}, {"hasAudio", false}})).video);
  CHECK_FALSE(tracks(amf::Value::ecma_array({{"hasVideo", true}, {"hasAudio", false}})).audio);
  CHECK_FALSE(tracks(amf::Value::ecma_array({{"hasVideo", false}, {"width", 1280}})).video);
  CHECK(tracks(amf::Value::ecma_array({{"width", 1280}})).video);
  CHECK(tracks(amf::Value::object({{"audiocodecid", "mp4a"}})).audio);
  CHECK_FALSE(tracks(amf::Value::object({{"audiocodecid", 0}, {"videocodecid", amf::Null{}}})).audio);
  CHECK_FALSE(tracks(amf::Value::object({{"audiocodecid", 0}, {"videocodecid", amf::Null{}}})).video);
  CHECK_FALSE(announced_tracks({}).video);
}

TEST_CASE("onStall has the number of relays; nonsense is ignored") {
  const srs::Slice payload = srs::media::encode_on_stall(3);
  CHECK(srs::media::classify(srs::flv::TagType::script, payload.bytes()) ==
        srs::media::MessageKind::annotation);
  CHECK(srs::media::decode_on_stall(payload.bytes()) == 3u);
  CHECK_FALSE(srs::media::decode_on_stall(srs::media::encode_on_stall(0).bytes()).has_value());
  CHECK_FALSE(srs::media::decode_on_stall(srs::media::encode_on_discontinuity("x").bytes()).has_value());
  CHECK_FALSE(srs::media::decode_on_stall({}).has_value());
}
