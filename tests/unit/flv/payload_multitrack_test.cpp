// ModEx and multitrack packets of Enhanced RTMP v2.
#include <doctest/doctest.h>

#include "flv/payload.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::flv;
using codec::AudioCodec;
using codec::VideoCodec;

namespace {

bool is(Bytes bytes, const char* hex) {
  const auto expected = bytes_of(hex);
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end()) == expected;
}

}  // namespace

TEST_CASE("ModEx: a nanosecond offset in front of a coded frame") {
  // size 3, 500000 ns, type 0, next packet type 1
  const auto payload = bytes_of("97 02 07a120 01 68766331 000043 aabb");
  const auto video = parse_video(payload);
  REQUIRE(video);
  CHECK(video->kind == PacketKind::coded_frames);
  CHECK(video->codec == VideoCodec::hevc);
  CHECK(video->key_frame);
  CHECK(video->nanosecond_offset == 500000);
  CHECK(video->composition_time_ms == 67);
  CHECK(is(video->body, "aabb"));
}

TEST_CASE("ModEx: repeated, unknown types, and the long form of the size") {
  // one byte of type 5, then 256 bytes of type 6, then the offset; then audio coded frames
  auto payload = bytes_of("97 00 ee 57 ff 00ff");
  payload.insert(payload.end(), 256, 0xdd);
  for (const auto byte : bytes_of("67 02 000001 01 4f707573 aabb")) payload.push_back(byte);
  const auto audio = parse_audio(payload);
  REQUIRE(audio);
  CHECK(audio->kind == PacketKind::coded_frames);
  CHECK(audio->codec == AudioCodec::opus);
  CHECK(audio->nanosecond_offset == 1);
  CHECK(is(audio->body, "aabb"));
  payload.resize(payload.size() - 2);
  CHECK(parse_audio(payload));
  for_each_truncation(payload,
                      [](const std::vector<std::uint8_t>& bytes) { CHECK_FALSE(parse_audio(bytes)); });
}

TEST_CASE("ModEx in front of a command, and a stream of nothing else") {
  const auto command = bytes_of("d7 00 ee 51 01");
  const auto video = parse_video(command);
  REQUIRE(video);
  CHECK(video->kind == PacketKind::other);
  CHECK(is(video->body, "01"));
  const std::vector<std::uint8_t> endless(1 << 20, 0x77);
  CHECK_FALSE(parse_video(bytes_of("97 00 ee 57 00 ee 57")));
  CHECK_FALSE(parse_audio(endless).value().enhanced);  // 7: A-law
}

TEST_CASE("multitrack: one track") {
  const auto payload = bytes_of("96 00 61763031 05 aabbcc");
  const auto video = parse_video(payload);
  REQUIRE(video);
  CHECK(video->multitrack);
  CHECK(video->track_id == 5);
  CHECK(video->kind == PacketKind::sequence_start);
  CHECK(video->codec == VideoCodec::av1);
  CHECK(is(video->body, "aabbcc"));
}

TEST_CASE("multitrack: many tracks of one codec, composition time in each") {
  const auto payload =
      bytes_of("96 11 68766331  01 000005 000043 aabb  00 000006 000021 ccddee  02 000003 000000");
  const auto first = parse_video(payload);
  REQUIRE(first);
  CHECK(first->multitrack);
  CHECK(first->key_frame);
  CHECK(first->track_id == 0);
  CHECK(first->composition_time_ms == 33);
  CHECK(is(first->body, "ccddee"));
  const auto second = parse_video(payload, 1);
  REQUIRE(second);
  CHECK(second->track_id == 1);
  CHECK(second->composition_time_ms == 67);
  CHECK(is(second->body, "aabb"));
  const auto absent = parse_video(payload, 9);
  REQUIRE(absent);
  CHECK(absent->track_id == 1);  // the first track
  CHECK(is(absent->body, "aabb"));
}

TEST_CASE("multitrack: many tracks of many codecs") {
  // Audio numbers its multitrack packet 5, not 6.
  const auto payload = bytes_of("95 21  4f707573 01 000002 1122  6d703461 00 000001 33");
  const auto audio = parse_audio(payload);
  REQUIRE(audio);
  CHECK(audio->multitrack);
  CHECK(audio->track_id == 0);
  CHECK(audio->codec == AudioCodec::aac);
  CHECK(is(audio->body, "33"));
  const auto other = parse_audio(payload, 1);
  REQUIRE(other);
  CHECK(other->codec == AudioCodec::opus);
  CHECK(is(other->body, "1122"));
  for_each_truncation(payload, [](const std::vector<std::uint8_t>& bytes) {
    // Cut right between the tracks, it is a packet of the first one.
    CHECK(parse_audio(bytes).ok() == (bytes.size() == 12));
  });
}

TEST_CASE("multitrack packets that are malformed") {
  CHECK_FALSE(parse_video(bytes_of("96 31 68766331 00 aabb")));         // reserved layout
  CHECK_FALSE(parse_video(bytes_of("96 11 68766331")));                 // no track
  CHECK_FALSE(parse_video(bytes_of("96 11 68766331 00 ffffff aabb")));  // a size beyond the end
  CHECK_FALSE(parse_video(bytes_of("96 11 68766331 00 000002 0000")));  // no room for the time
  const auto nested = bytes_of("96 06 68766331 00 aabb");
  REQUIRE(parse_video(nested));
  CHECK(parse_video(nested)->kind == PacketKind::other);
}

TEST_CASE("any single flipped bit is an error or a payload inside the bytes") {
  const auto check_inside = [](const std::vector<std::uint8_t>& bytes, Bytes body) {
    if (body.empty()) return;
    CHECK(body.data() >= bytes.data());
    CHECK(body.data() + body.size() <= bytes.data() + bytes.size());
  };
  for (const char* hex : {"97 02 07a120 01 68766331 000043 aabb", "96 11 68766331 01 000005 000043 aabb",
                          "95 21 4f707573 01 000002 1122 6d703461 00 000001 33", "17 01 000043 aabb"}) {
    for_each_flipped_bit(bytes_of(hex), [&](const std::vector<std::uint8_t>& bytes) {
      if (const auto video = parse_video(bytes)) check_inside(bytes, video->body);
      if (const auto audio = parse_audio(bytes)) check_inside(bytes, audio->body);
    });
  }
}
