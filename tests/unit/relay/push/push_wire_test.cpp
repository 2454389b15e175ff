#include "srs-relay/push/push_wire.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "amf/value.h"
#include "media/annotations.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/message_encoder.h"

using namespace srs;
using log::Annotations;

namespace {

// What a server reads of a message on this wire; none if it is left out.
std::optional<rtmp::Message> over(const relay::PushWire& wire, const media::Message& message) {
  std::vector<std::uint8_t> bytes;
  rtmp::append_message(
      bytes, {rtmp::MessageType::set_chunk_size, rtmp::control_chunk_stream, 0, 0},
      std::vector<std::uint8_t>{0, 0, rtmp::wire_chunk_size >> 8, rtmp::wire_chunk_size & 255},
      rtmp::default_chunk_size);
  const std::size_t at = bytes.size();
  bytes.resize(at + wire.room_for(message.payload.size()));
  BoundedWriter writer({bytes.data() + at, bytes.size() - at});
  const auto encoded = wire.encode(message, writer);
  bytes.resize(at + encoded.size);
  if (encoded.size == 0) return std::nullopt;
  if (encoded.payload_offset) {
    const Bytes payload = Bytes(bytes).subspan(at + *encoded.payload_offset);
    CHECK(std::ranges::equal(payload, message.payload.bytes()));
  }
  rtmp::ChunkReader reader;
  Bytes input(bytes);
  std::optional<rtmp::Message> last;
  for (;;) {
    auto read = reader.next(input);
    REQUIRE(read);
    if (!*read) break;
    last = **read;
  }
  CHECK(input.empty());
  return last;
}

media::Message script(amf::Value name, amf::Value value) {
  return media::make_message(flv::TagType::script, 1234,
                             Slice::copy_of(amf::encode_all({std::move(name), std::move(value)})));
}

std::string text_of(const Slice& payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

}  // namespace

TEST_CASE("metadata goes as @setDataFrame, whatever its size") {
  const relay::PushWire wire(7, Annotations::left_out);
  for (const std::size_t size : {0u, 10u, 70'000u}) {
    const auto message = script("onMetaData", amf::Value::ecma_array({{"title", std::string(size, 'x')}}));
    REQUIRE(message.kind == media::MessageKind::metadata);
    const auto read = over(wire, message);
    REQUIRE(read);
    CHECK(read->type == rtmp::MessageType::data_amf0);
    CHECK(read->message_stream_id == 7);
    CHECK(read->timestamp_ms == 0);
    CHECK(text_of(read->payload) == std::string("\2\0\15@setDataFrame", 16) + text_of(message.payload));
  }
}

TEST_CASE("media goes as it is, on the server's message stream") {
  const relay::PushWire wire(3, Annotations::left_out);
  for (const std::size_t size : {1u, 60'000u, 60'001u, 200'000u}) {
    const auto message = media::make_message(flv::TagType::video, 20'000'000,
                                             Slice::copy_of(std::vector<std::uint8_t>(size, 0x27)));
    const auto read = over(wire, message);
    REQUIRE(read);
    CHECK(read->type == rtmp::MessageType::video);
    CHECK(read->message_stream_id == 3);
    CHECK(read->timestamp_ms == 20'000'000);
    CHECK((text_of(read->payload) == text_of(message.payload)));
  }
}

TEST_CASE("our own script tags go to those who want them") {
  const auto clock = media::make_message(flv::TagType::script, 1234,
                                         media::encode_on_clock(std::chrono::system_clock::now()));
  CHECK_FALSE(over(relay::PushWire(1, Annotations::left_out), clock));
  const auto read = over(relay::PushWire(1, Annotations::sent), clock);
  REQUIRE(read);
  CHECK(read->timestamp_ms == 1234);
  CHECK(text_of(read->payload) == text_of(clock.payload));
  CHECK(over(relay::PushWire(1, Annotations::left_out), script("onCuePoint", 1.0)));
}

TEST_CASE("a wire for each message stream of servers, whatever ids they give") {
  relay::PushWires wires;
  const auto first = wires.find(1, Annotations::left_out);
  CHECK(first == wires.find(1, Annotations::left_out));
  CHECK(first != wires.find(1, Annotations::sent));
  const auto frame =
      media::make_message(flv::TagType::video, 40, Slice::copy_of(std::vector<std::uint8_t>(9, 0x27)));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const std::uint32_t id = 0xffffffff - i;
    CAPTURE(id);
    const auto wire = wires.find(id, Annotations::left_out);
    const auto read = over(*wire, frame);
    REQUIRE(read);
    CHECK(read->message_stream_id == id);
    CHECK(wires.size() <= 3);  // those that nobody holds are forgotten
  }
  CHECK(first == wires.find(1, Annotations::left_out));
}
