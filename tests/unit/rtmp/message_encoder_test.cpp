#include "rtmp/message_encoder.h"

#include "unit/rtmp/chunks.h"

using namespace srs;
using namespace srs::rtmp;

namespace {

std::vector<std::uint8_t> encoded(const ChunkHeader& header, const std::vector<std::uint8_t>& payload,
                                  std::size_t chunk_size) {
  std::vector<std::uint8_t> bytes(room_for(payload.size(), chunk_size));
  BoundedWriter writer(bytes);
  const EncodedMessage written = encode(header, payload, chunk_size, writer);
  CHECK(written.size == writer.size());
  bytes.resize(written.size);
  return bytes;
}

}  // namespace

TEST_CASE("messages and their chunks") {
  const ChunkHeader header{MessageType::video, 6, 1, 100};
  CHECK(encoded(header, bytes_of("aabb"), 128) == bytes_of("06 000064 000002 09 01000000 aabb"));
  CHECK(encoded(header, {}, 128) == bytes_of("06 000064 000000 09 01000000"));
  CHECK(encoded(header, bytes_of("aabbccddee"), 2) ==
        bytes_of("06 000064 000005 09 01000000 aabb c6 ccdd c6 ee"));
  CHECK(encoded(header, bytes_of("aabb"), 2) == bytes_of("06 000064 000002 09 01000000 aabb"));
  const ChunkHeader late{MessageType::audio, 4, 0x01020304, 0x01000000};
  CHECK(encoded(late, bytes_of("aabbcc"), 2) ==
        bytes_of("04 ffffff 000003 08 04030201 01000000 aabb c4 01000000 cc"));
  const ChunkHeader mark{MessageType::audio, 4, 1, 0xffffff};
  CHECK(encoded(mark, bytes_of("aa"), 2) == bytes_of("04 ffffff 000001 08 01000000 00ffffff aa"));
  const ChunkHeader before{MessageType::audio, 4, 1, 0xfffffe};
  CHECK(encoded(before, bytes_of("aa"), 2) == bytes_of("04 fffffe 000001 08 01000000 aa"));
}

TEST_CASE("encoded messages are read back, in pieces and chunks of any size") {
  for (const std::size_t chunk_size : {1u, 127u, 128u, 4096u, 60'000u, 65'536u}) {
    for (const std::uint32_t timestamp_ms : {0u, 0xfffffeu, 0xffffffu, 0xfffffff0u}) {
      const std::size_t sizes[] = {0, 1, chunk_size - 1, chunk_size, chunk_size + 1, 3 * chunk_size};
      for (const std::size_t size : sizes) {
        CAPTURE(chunk_size);
        CAPTURE(size);
        CAPTURE(timestamp_ms);
        auto bytes = bytes_of("02 000000 000004 01 00000000 00000000");
        store_u32(bytes.data() + 12, static_cast<std::uint32_t>(chunk_size));
        const auto payload = pattern(size);
        append_message(bytes, {MessageType::video, 6, 1, timestamp_ms}, payload, chunk_size);
        for (const std::size_t piece : {SIZE_MAX, std::size_t{1000}}) {
          const Chunks chunks = read_chunks(bytes, piece);
          REQUIRE(chunks.messages.size() == 2);
          const Message& message = chunks.messages[1];
          CHECK(bytes_in(message.payload) == payload);
          CHECK(message.timestamp_ms == timestamp_ms);
          CHECK(message.message_stream_id == 1);
        }
      }
    }
  }
}

TEST_CASE("players get media, metadata and scripts; annotations stay on the pipe") {
  const RtmpWire wire;
  const auto check = [&](flv::TagType type, std::int64_t timestamp_ms, const char* payload,
                         const char* expected) {
    const auto message = media::make_message(type, timestamp_ms, Slice::copy_of(bytes_of(payload)));
    CHECK(bytes_in(log::encode_alone(wire, message)) == bytes_of(expected));
  };
  check(flv::TagType::video, 40, "1701000000aa", "06 000028 000006 09 01000000 1701000000aa");
  check(flv::TagType::audio, 0x100000005, "af01aa", "04 000005 000003 08 01000000 af01aa");
  // FFmpeg makes a subtitle stream of metadata with a timestamp other than 0.
  check(flv::TagType::script, 0x1000000, "02000a6f6e4d65746144617461 05",
        "05 000000 00000e 12 01000000 02000a6f6e4d65746144617461 05");
  check(flv::TagType::script, 40, "0200026f6e 05", "05 000028 000006 12 01000000 0200026f6e 05");
  check(flv::TagType::script, 0, "0200076f6e436c6f636b 05", "");
}

TEST_CASE("an encoder never writes past its room, whatever the timestamp") {
  const auto payload = pattern(1000);
  for (const std::uint32_t timestamp_ms : {0u, 0xfffffeu, 0xffffffu, 0x1000000u, 0xffffffffu}) {
    const ChunkHeader header{MessageType::video, 6, 1, timestamp_ms};
    const std::vector<std::uint8_t> whole = encoded(header, payload, 128);
    for (std::size_t room = 0; room <= whole.size(); ++room) {
      std::vector<std::uint8_t> bytes(room);  // a sanitizer sees one byte too many
      BoundedWriter writer(bytes);
      CHECK(encode(header, payload, 128, writer).size == (room == whole.size() ? room : 0));
    }
  }
}

TEST_CASE("room_for() is enough for any timestamp") {
  for (const std::size_t chunk_size : {1u, 2u, 128u, 60'000u})
    for (const std::size_t size : {0u, 1u, 2u, 127u, 128u, 129u, 256u, 60'000u, 120'000u, 120'001u})
      for (const std::uint32_t timestamp_ms : {0u, 0xffffffu, 0xffffffffu}) {
        std::vector<std::uint8_t> bytes(room_for(size, chunk_size));
        BoundedWriter writer(bytes);
        CHECK(encode({MessageType::audio, 4, 1, timestamp_ms}, pattern(size), chunk_size, writer).size >
              size);
      }
}

TEST_CASE("a payload too large for a header is refused") {
  std::vector<std::uint8_t> bytes;
  CHECK_FALSE(append_message(bytes, {}, std::vector<std::uint8_t>(std::size_t{1} << 24), 60'000));
  CHECK(bytes.empty());
  CHECK(append_message(bytes, {}, std::vector<std::uint8_t>((std::size_t{1} << 24) - 1), 60'000));
}
