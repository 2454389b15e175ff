#include "rtmp/media_reader.h"

#include "amf/value.h"
#include "unit/rtmp/chunks.h"

using namespace srs;
using namespace srs::rtmp;

namespace {

Message message_of(MessageType type, std::vector<std::uint8_t> payload, std::int64_t timestamp_ms = 0) {
  Message message;
  message.type = type;
  message.timestamp_ms = timestamp_ms;
  message.payload = Slice::copy_of(payload);
  return message;
}

std::vector<MediaMessage> read(const Message& message) {
  MediaReader reader;
  reader.feed(message);
  std::vector<MediaMessage> all;
  while (auto one = reader.next()) all.push_back(*std::move(one));
  CHECK_FALSE(reader.next());
  return all;
}

}  // namespace

TEST_CASE("metadata loses its @setDataFrame, and only that") {
  const auto plain = amf::encode_all({"onMetaData", amf::Value::object({{"width", 640.0}})});
  const auto set = joined({amf::encode_all({"@setDataFrame"}), plain});
  for (const auto& payload : {plain, set}) {
    const auto read_back = read(message_of(MessageType::data_amf0, payload, 7));
    REQUIRE(read_back.size() == 1);
    CHECK(read_back[0].type == flv::TagType::script);
    CHECK(read_back[0].timestamp_ms == 7);
    CHECK(bytes_in(read_back[0].payload) == plain);
  }
}

TEST_CASE("data that is not a script tag is dropped") {
  for (const char* first : {"@clearDataFrame", "|RtmpSampleAccess"})
    CHECK(read(message_of(MessageType::data_amf0, amf::encode_all({first, "onMetaData"}))).empty());
  CHECK(read(message_of(MessageType::data_amf0, {})).empty());
  CHECK(read(message_of(MessageType::data_amf0, bytes_of("00 3ff0000000000000"))).empty());
  CHECK(read(message_of(MessageType::data_amf0, bytes_of("02 ffff 61"))).empty());
  CHECK(read(message_of(MessageType::data_amf0, amf::encode_all({"@setDataFrame"}))).empty());
  CHECK(read(message_of(MessageType::video, {})).empty());
}

TEST_CASE("AMF3 data becomes AMF0") {
  const auto expected = amf::encode_all({"onMetaData", amf::Value::object({{"width", 640.0}})});
  // The 0 byte and AMF0; or AMF3 inside.
  CHECK(bytes_in(read(message_of(MessageType::data_amf3, joined({{0}, expected}))).at(0).payload) ==
        expected);
  const auto mixed = joined({{0},
                             amf::encode_all({"@setDataFrame", "onMetaData"}),
                             bytes_of("11 0a 0b 01 0b7769647468 048500 01")});
  CHECK(bytes_in(read(message_of(MessageType::data_amf3, mixed)).at(0).payload) == expected);
  CHECK(read(message_of(MessageType::data_amf3, {})).empty());
  CHECK(read(message_of(MessageType::data_amf3, {0})).empty());
}

TEST_CASE("an aggregate is split; its parts count from its own timestamp") {
  const auto parts = read(message_of(MessageType::aggregate,
                                     bytes_of("08 000002 000064 00 000000 a1a2 0000000d"
                                              "09 000001 00008c 00 000000 b1 0000000c"
                                              "08 000000 000090 00 000000 0000000b"
                                              "12 000003 000090 00 000000 020000 0000000e"
                                              "08 000001 000096 00 000000 c1"),  // without the trailer
                                     1000));
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].type == flv::TagType::audio);
  CHECK(parts[0].timestamp_ms == 1000);
  CHECK(bytes_in(parts[0].payload) == bytes_of("a1a2"));
  CHECK(parts[1].type == flv::TagType::video);
  CHECK(parts[1].timestamp_ms == 1040);
  CHECK(parts[2].timestamp_ms == 1050);
  CHECK(bytes_in(parts[2].payload) == bytes_of("c1"));
  CHECK(read(message_of(MessageType::aggregate, bytes_of("08 ffffff 000064 00 000000 a1a2"))).empty());
}

TEST_CASE("the timestamps of an aggregate's parts continue across each bound, theirs and its own") {
  constexpr std::int64_t wrap = std::int64_t{1} << 32;
  for (const std::int64_t at : {std::int64_t{1} << 24, std::int64_t{1} << 31, wrap, 3 * wrap}) {
    CAPTURE(at);
    const auto parts = read(message_of(MessageType::aggregate,
                                       bytes_of("08 000001 fffffe 00 000000 a1 0000000c"  // right before 2^24
                                                "08 000001 000026 01 000000 a2 0000000c"),
                                       at - 20));
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].timestamp_ms == at - 20);
    CHECK(parts[1].timestamp_ms == at + 20);
    const auto wrapped = read(message_of(MessageType::aggregate,
                                         bytes_of("08 000001 fffffe ff 000000 a1 0000000c"
                                                  "08 000001 000026 00 000000 a2 0000000c"),
                                         at - 20));
    REQUIRE(wrapped.size() == 2);
    CHECK(wrapped[1].timestamp_ms == at + 20);
  }
}
