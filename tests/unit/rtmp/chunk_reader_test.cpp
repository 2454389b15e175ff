#include "rtmp/chunk_reader.h"

#include "unit/rtmp/chunks.h"

using namespace srs;
using namespace srs::rtmp;

namespace {

struct Expected {
  std::uint8_t type;
  std::uint32_t chunk_stream_id, message_stream_id;
  std::int64_t timestamp_ms;
  const char* payload;
};

// The messages must be the same however the bytes are split.
void check_messages(const std::vector<std::uint8_t>& bytes, std::initializer_list<Expected> expected) {
  for (const std::size_t piece_size :
       {SIZE_MAX, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{13}}) {
    CAPTURE(piece_size);
    const Chunks chunks = read_chunks(bytes, piece_size);
    CHECK_FALSE(chunks.failed);
    REQUIRE(chunks.messages.size() == expected.size());
    std::size_t i = 0;
    for (const Expected& one : expected) {
      CAPTURE(i);
      const Message& message = chunks.messages[i++];
      CHECK(static_cast<int>(message.type) == one.type);
      CHECK(message.chunk_stream_id == one.chunk_stream_id);
      CHECK(message.message_stream_id == one.message_stream_id);
      CHECK(message.timestamp_ms == one.timestamp_ms);
      CHECK(bytes_in(message.payload) == bytes_of(one.payload));
    }
  }
}

void check_refused(const std::vector<std::uint8_t>& bytes) {
  CHECK(read_chunks(bytes).failed);
  CHECK(read_chunks(bytes, 1).failed);
}

}  // namespace

TEST_CASE("the four header types") {
  check_messages(bytes_of("06 000064 000002 09 01000000 aabb"  // type 0
                          "46 000028 000001 08 cc"             // type 1: same stream, 40 ms on
                          "86 000014 dd"                       // type 2: same length and type
                          "c6 ee"                              // type 3: the same delta again
                          "c6 ff"),
                 {{9, 6, 1, 100, "aabb"},
                  {8, 6, 1, 140, "cc"},
                  {8, 6, 1, 160, "dd"},
                  {8, 6, 1, 180, "ee"},
                  {8, 6, 1, 200, "ff"}});
}

TEST_CASE("a type-3 chunk that begins a message after type 0 adds that timestamp") {
  check_messages(bytes_of("04 000064 000001 08 01000000 aa  c4 bb"),
                 {{8, 4, 1, 100, "aa"}, {8, 4, 1, 200, "bb"}});
}

TEST_CASE("the message stream id is little-endian, chunk stream ids have three forms") {
  check_messages(bytes_of("03 000000 000001 14 78563412 aa"
                          "00 00 000000 000001 14 00000000 bb"
                          "00 ff 000000 000001 14 00000000 cc"
                          "01 00 01 000000 000001 14 00000000 dd"
                          "01 ff ff 000000 000001 14 00000000 ee"
                          "c1 00 01 ff"),
                 {{20, 3, 0x12345678, 0, "aa"},
                  {20, 64, 0, 0, "bb"},
                  {20, 319, 0, 0, "cc"},
                  {20, 320, 0, 0, "dd"},
                  {20, 65599, 0, 0, "ee"},
                  {20, 320, 0, 0, "ff"}});
}

TEST_CASE("type 1 may open a chunk stream, types 2 and 3 may not") {
  check_messages(bytes_of("42 000000 000006 04 0006 00000001"), {{4, 2, 0, 0, "000600000001"}});
  check_refused(bytes_of("82 000000 00"));
  check_refused(bytes_of("c2 00"));
}

TEST_CASE("messages on several chunk streams interleave; a chunk size applies between chunks") {
  const auto small = bytes_of("02 000000 000004 01 00000000 00000002");  // chunks of 2 bytes
  check_messages(joined({small, bytes_of("06 000000 000005 09 01000000 a1a2"
                                         "04 000005 000003 08 01000000 b1b2"
                                         "c6 a3a4"
                                         "02 000000 000004 01 00000000 0000  c2 0001"  // now 1 byte
                                         "c4 b3"
                                         "c6 a5")}),
                 {{1, 2, 0, 0, "00000002"},
                  {1, 2, 0, 0, "00000001"},
                  {8, 4, 1, 5, "b1b2b3"},
                  {9, 6, 1, 0, "a1a2a3a4a5"}});
}

TEST_CASE("messages of the default chunk size, and of one byte more") {
  for (const std::size_t size : {0u, 1u, 127u, 128u, 129u, 256u, 257u}) {
    CAPTURE(size);
    auto bytes = bytes_of("06 000000 0000ff 09 01000000");
    bytes[5] = static_cast<std::uint8_t>(size >> 8);
    bytes[6] = static_cast<std::uint8_t>(size);
    const auto payload = pattern(size);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0 && i % 128 == 0) bytes.push_back(0xc6);
      bytes.push_back(payload[i]);
    }
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
      const Chunks chunks = read_chunks(bytes, piece);
      REQUIRE(chunks.messages.size() == 1);
      CHECK(bytes_in(chunks.messages[0].payload) == payload);
    }
  }
}

TEST_CASE("an abort drops the unfinished message of its chunk stream only") {
  const auto small = bytes_of("02 000000 000004 01 00000000 00000001");
  check_messages(
      joined({small, bytes_of("06 000064 000003 09 01000000 a1"
                              "04 000000 000002 08 01000000 b1"
                              "02 000000 000004 02 00000000 00 c2 00 c2 00 c2 06"
                              "c4 b2"
                              "46 00000a 000001 09 a9")}),
      {{1, 2, 0, 0, "00000001"}, {2, 2, 0, 0, "00000006"}, {8, 4, 1, 0, "b1b2"}, {9, 6, 1, 110, "a9"}});
}

TEST_CASE("extended timestamps") {
  const auto small = bytes_of("02 000000 000004 01 00000000 00000002");
  SUBCASE("repeated on type 3") {
    check_messages(
        joined(
            {small, bytes_of("06 ffffff 000005 09 01000000 01000000 a1a2 c6 01000000 a3a4 c6 01000000 a5")}),
        {{1, 2, 0, 0, "00000002"}, {9, 6, 1, 0x1000000, "a1a2a3a4a5"}});
  }
  SUBCASE("left out on type 3") {
    check_messages(
        joined({small, bytes_of("06 ffffff 000007 09 01000000 01000000 a1a2 c6 a3a4 c6 a5a6 c6 a7"
                                "06 ffffff 000001 09 01000000 01000005 bb")}),
        {{1, 2, 0, 0, "00000002"}, {9, 6, 1, 0x1000000, "a1a2a3a4a5a6a7"}, {9, 6, 1, 0x1000005, "bb"}});
  }
  SUBCASE("exactly 0xffffff needs one") {
    check_messages(bytes_of("06 ffffff 000001 09 01000000 00ffffff aa  46 000001 000001 09 bb"),
                   {{9, 6, 1, 0xffffff, "aa"}, {9, 6, 1, 0x1000000, "bb"}});
  }
  SUBCASE("a delta on types 1 and 2") {
    check_messages(bytes_of("06 000064 000001 09 01000000 aa"
                            "46 ffffff 000001 09 01000000 bb"
                            "86 ffffff 01000000 cc"
                            "c6 01000000 dd"),
                   {{9, 6, 1, 100, "aa"},
                    {9, 6, 1, 0x1000064, "bb"},
                    {9, 6, 1, 0x2000064, "cc"},
                    {9, 6, 1, 0x3000064, "dd"}});
  }
  SUBCASE("a delta, and type 3 repeats the delta, the message's timestamp, or nothing") {
    for (const char* repeated : {"01000000", "01000064", ""}) {
      CAPTURE(repeated);
      check_messages(joined({small,
                             bytes_of("06 000064 000001 09 01000000 aa"
                                      "46 ffffff 000004 09 01000000 b1b2 c6"),
                             bytes_of(repeated), bytes_of("b3b4 06 000000 000001 09 02000000 cc 000000")}),
                     {{1, 2, 0, 0, "00000002"},
                      {9, 6, 1, 100, "aa"},
                      {9, 6, 1, 0x1000064, "b1b2b3b4"},
                      {9, 6, 2, 0, "cc"}});
    }
  }
}

TEST_CASE("timestamps are unwrapped to 64 bits, all chunk streams together") {
  check_messages(bytes_of("06 ffffff 000001 09 01000000 fffffff0 aa"
                          "04 000005 000001 08 01000000 bb"           // audio has wrapped already
                          "46 000020 000001 09 cc"                    // video wraps by its delta
                          "04 ffffff 000001 08 01000000 fffffffe dd"  // audio from before the wrap
                          "06 000030 000001 09 01000000 ee"),
                 {{9, 6, 1, 0xfffffff0, "aa"},
                  {8, 4, 1, 0x100000005, "bb"},
                  {9, 6, 1, 0x100000010, "cc"},
                  {8, 4, 1, 0xfffffffe, "dd"},
                  {9, 6, 1, 0x100000030, "ee"}});
}

TEST_CASE("commands and codec headers are stamped 0 at any time and are no reference for media") {
  check_messages(bytes_of("06 ffffff 000001 09 01000000 c0000000 aa"
                          "03 000000 000001 14 00000000 bb"
                          "06 ffffff 000001 09 01000000 c0000028 cc"),
                 {{9, 6, 1, 0xc0000000, "aa"}, {20, 3, 0, 0x100000000, "bb"}, {9, 6, 1, 0xc0000028, "cc"}});
  check_messages(bytes_of("06 000000 000005 09 01000000 1700000000"
                          "04 000000 000004 08 01000000 af001190"
                          "06 ffffff 000001 09 01000000 80000005 aa"
                          "06 000000 000005 09 01000000 1700000000"
                          "06 ffffff 000001 09 01000000 8000002d cc"),
                 {{9, 6, 1, 0, "1700000000"},
                  {8, 4, 1, 0, "af001190"},
                  {9, 6, 1, 0x80000005, "aa"},
                  {9, 6, 1, 0x100000000, "1700000000"},
                  {9, 6, 1, 0x8000002d, "cc"}});
}

TEST_CASE("full timestamps, deltas and continued chunks across each bound, in every extended form") {
  // Type 0 right before the bound; type 1 with a delta; type 3 begins a message with the same delta.
  check_messages(bytes_of("06 fffffe 000001 09 01000000 aa  46 000001 000001 09 bb  c6 cc  c6 dd"),
                 {{9, 6, 1, 0xfffffe, "aa"},
                  {9, 6, 1, 0xffffff, "bb"},
                  {9, 6, 1, 0x1000000, "cc"},
                  {9, 6, 1, 0x1000001, "dd"}});
  check_messages(bytes_of("06 ffffff 000001 09 01000000 7fffffff aa  46 000001 000001 09 bb  c6 cc"),
                 {{9, 6, 1, 0x7fffffff, "aa"}, {9, 6, 1, 0x80000000, "bb"}, {9, 6, 1, 0x80000001, "cc"}});
  check_messages(
      bytes_of("06 ffffff 000001 09 01000000 ffffffff aa  46 000001 000001 09 bb  86 000028 cc  c6 dd"),
      {{9, 6, 1, 0xffffffff, "aa"},
       {9, 6, 1, 0x100000000, "bb"},
       {9, 6, 1, 0x100000028, "cc"},
       {9, 6, 1, 0x100000050, "dd"}});
  // 0xffffff itself must be extended, as a full timestamp and as a delta.
  check_messages(bytes_of("06 ffffff 000001 09 01000000 00ffffff aa  46 000001 000001 09 bb"),
                 {{9, 6, 1, 0xffffff, "aa"}, {9, 6, 1, 0x1000000, "bb"}});
  check_messages(bytes_of("06 000064 000001 09 01000000 aa  46 ffffff 000001 09 00ffffff bb  c6 00ffffff cc"),
                 {{9, 6, 1, 100, "aa"}, {9, 6, 1, 0x1000063, "bb"}, {9, 6, 1, 0x2000062, "cc"}});
  // A step back, as a wrapped delta.
  check_messages(bytes_of("06 000064 000001 09 01000000 aa  46 ffffff 000001 09 fffffff6 bb"),
                 {{9, 6, 1, 100, "aa"}, {9, 6, 1, 90, "bb"}});
}

TEST_CASE("chunk sizes of 0 and above 2^31 - 1 are refused, the largest is accepted") {
  check_refused(bytes_of("02 000000 000004 01 00000000 00000000"));
  check_refused(bytes_of("02 000000 000004 01 00000000 80000000"));
  check_refused(bytes_of("02 000000 000004 01 00000000 ffffffff"));
  check_refused(bytes_of("02 000000 000003 01 00000000 000080"));
  check_refused(bytes_of("02 000000 000000 02 00000000"));
  auto bytes = bytes_of("02 000000 000004 01 00000000 7fffffff 06 000000 0003e8 09 01000000");
  const auto payload = pattern(1000);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  const Chunks chunks = read_chunks(bytes, 10);
  REQUIRE(chunks.messages.size() == 2);
  CHECK(bytes_in(chunks.messages[1].payload) == payload);
}

TEST_CASE("64 chunk streams are read, the 65th is refused") {
  std::vector<std::uint8_t> bytes;
  for (std::uint8_t i = 0; i < 64; ++i) {
    const auto one = bytes_of("00 00 000000 000001 08 01000000 aa");
    bytes.insert(bytes.end(), one.begin(), one.end());
    bytes[bytes.size() - one.size() + 1] = i;
  }
  const Chunks allowed = read_chunks(bytes);
  CHECK_FALSE(allowed.failed);
  CHECK(allowed.messages.size() == 64);
  check_refused(joined({bytes, bytes_of("00 40 000000 000001 08 01000000 aa")}));
}

TEST_CASE("32 MiB of unfinished messages are the limit of a connection") {
  auto bytes = bytes_of("02 000000 000004 01 00000000 7fffffff");
  Chunks chunks;
  chunks.feed(bytes);
  // Messages of 16 MiB - 1, in chunks of 16 MiB - 2 bytes, so that none is finished.
  chunks.feed(bytes_of("02 000000 000004 01 00000000 00fffffe"));
  const std::vector<std::uint8_t> payload(0xfffffe, 1);
  for (const char* header : {"03 000000 ffffff 09 01000000", "04 000000 ffffff 09 01000000"}) {
    chunks.feed(bytes_of(header));
    chunks.feed(payload);
  }
  CHECK_FALSE(chunks.failed);
  chunks.feed(bytes_of("05 000000 ffffff 09 01000000"));
  chunks.feed(Bytes(payload).first(8));
  CHECK(chunks.failed);
}

TEST_CASE("restarting a message frees the bytes counted for the old one") {
  Chunks chunks;
  chunks.feed(bytes_of("02 000000 000004 01 00000000 00fffffe"));
  const std::vector<std::uint8_t> payload(0xfffffe, 1);
  for (int i = 0; i < 5; ++i) {
    chunks.feed(bytes_of("06 000000 ffffff 09 01000000"));
    chunks.feed(payload);
  }
  CHECK_FALSE(chunks.failed);
  CHECK(chunks.messages.size() == 1);
}

TEST_CASE("truncated and flipped bytes are read or refused") {
  const auto bytes = bytes_of(
      "02 000000 000004 01 00000000 00000002"
      "06 ffffff 000005 09 01000000 01000000 a1a2 c6 01000000 a3a4 c6 01000000 a5"
      "44 000028 000001 08 cc 84 000014 dd c4 ee 01 00 01 000000 000001 14 00000000 dd");
  for_each_truncation(bytes, [](const auto& cut) { CHECK(read_chunks(cut).messages.size() <= 8); });
  for_each_flipped_bit(bytes, [](const auto& flipped) {
    CHECK(read_chunks(flipped).messages.size() == read_chunks(flipped, 1).messages.size());
  });
}
