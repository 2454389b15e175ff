// What a peer may make a connection hold: by the type of its messages, by who it is, and by what all hold.
#include "amf/value.h"
#include "chunks.h"
#include "rtmp/command.h"
#include "rtmp/media_reader.h"
#include "rtmp/message_encoder.h"
#include "rtmp/published_stream.h"
#include "rtmp/stream_quota.h"

using namespace srs;
using namespace srs::rtmp;
using namespace std::chrono_literals;

namespace {

using Buffer = std::vector<std::uint8_t>;

// The header of a message on its chunk stream; chunks are as large as the message.
Buffer header_of(MessageType type, std::uint32_t length, std::uint8_t chunk_stream = 5) {
  ByteWriter writer;
  writer.u8(chunk_stream);
  writer.u24(0);
  writer.u24(length);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u32(0);
  return writer.release();
}

const Buffer large_chunks = bytes_of("02 000000 000004 01 00000000 7fffffff");

Message message_of(MessageType type, const Buffer& payload) {
  Message message;
  message.type = type;
  message.payload = Slice::copy_of(payload);
  return message;
}

// An AMF3 array: a text of `text` bytes, then so many references to it.
Buffer references(std::size_t text, std::size_t count) {
  ByteWriter writer;
  const auto u29 = [&](std::size_t value) {
    if (value >= 0x4000) writer.u8(0x80 | value >> 14);
    if (value >= 0x80) writer.u8(0x80 | (value >> 7 & 0x7f));
    writer.u8(value & 0x7f);
  };
  writer.u8(0x11);
  writer.u8(9);
  u29((count + 1) << 1 | 1);
  writer.u8(1);
  writer.u8(6);
  u29(text << 1 | 1);
  for (std::size_t i = 0; i < text; ++i) writer.u8('x');
  for (std::size_t i = 0; i < count; ++i) writer.u16(0x0600);
  return writer.release();
}

}  // namespace

TEST_CASE("messages by type and length: kept, given out without their payload, or refused") {
  enum Outcome { kept, left_out, refused };
  struct Case {
    MessageType type;
    std::uint32_t length;
    Outcome publishing, quiet;  // quiet: nobody reads its media
  };
  using enum MessageType;
  for (const Case& each :
       {Case{command_amf0, 64 << 10, kept, kept}, Case{command_amf0, (64 << 10) + 1, refused, refused},
        Case{command_amf3, (64 << 10) + 1, refused, refused},
        Case{user_control, (64 << 10) + 1, refused, refused}, Case{data_amf0, (1 << 20) + 16, kept, left_out},
        Case{data_amf0, (1 << 20) + 17, left_out, left_out}, Case{data_amf3, 0xffffff, left_out, left_out},
        Case{audio, 100'000, kept, left_out}, Case{video, 0xffffff, kept, left_out},
        Case{aggregate, 0xffffff, kept, left_out}, Case{shared_object_amf0, 0xffffff, left_out, left_out},
        Case{static_cast<MessageType>(99), 0xffffff, left_out, left_out}}) {
    for (const bool publishes : {true, false}) {
      CAPTURE(static_cast<int>(each.type));
      CAPTURE(each.length);
      CAPTURE(publishes);
      Chunks chunks;
      chunks.reader.keep_media(publishes);
      if (!publishes) chunks.reader.set_limit(ChunkReader::quiet_bytes);
      chunks.feed(large_chunks);
      chunks.feed(header_of(each.type, each.length));
      const Outcome expected = publishes ? each.publishing : each.quiet;
      if (!chunks.failed) chunks.feed(Buffer(each.length - 1, 1));
      CHECK((chunks.reader.held_bytes() > 0) == (expected == kept));
      if (!chunks.failed) chunks.feed(Buffer(1, 1));
      CHECK(chunks.failed == (expected == refused));
      CHECK(chunks.reader.held_bytes() == 0);
      if (expected == refused) continue;
      REQUIRE(chunks.messages.size() == 2);
      CHECK(chunks.messages[1].is_left_out == (expected == left_out));
      CHECK(chunks.messages[1].payload.size() == (expected == kept ? each.length : 0));
    }
  }
}

TEST_CASE("who does not publish holds 64 KiB of messages that are not whole, and what they cost") {
  const auto bytes_until_refused = [](std::size_t piece) {
    Chunks chunks;
    chunks.reader.set_limit(ChunkReader::quiet_bytes);
    chunks.feed(large_chunks);
    std::size_t size = 0;
    for (std::uint8_t stream = 3; stream < 63 && !chunks.failed; ++stream) {
      chunks.feed(bytes_of("02 000000 000004 01 00000000 00000400"));  // so that a message stays unfinished
      chunks.feed(header_of(MessageType::video, 0xffffff, stream));
      for (std::size_t at = 0; at < piece && !chunks.failed; at += 1024) {
        if (at > 0) chunks.feed(Buffer{static_cast<std::uint8_t>(0xc0 | stream)});
        chunks.feed(Buffer(1024, 7));
        if (!chunks.failed) size += 1024;
      }
      CHECK(chunks.reader.held_bytes() <= ChunkReader::quiet_bytes);
    }
    CHECK(chunks.failed);
    return size;
  };
  CHECK(bytes_until_refused(2048) == 64 << 10);  // each costs 128 bytes more
  CHECK(bytes_until_refused(100 << 10) == 67 << 10);
}

TEST_CASE("the budget of a process: shares that shrink as it fills, and are given back") {
  constexpr std::size_t mebibyte = 1 << 20;
  const auto budget = std::make_shared<MessageBudget>(64 * mebibyte);
  {
    BudgetShare small(budget), first(budget), second(budget);
    CHECK(small.resize(mebibyte));  // free
    CHECK(budget->used_bytes() == 0);
    CHECK(first.resize(17 * mebibyte));  // a quarter of all, and what is free
    CHECK_FALSE(first.resize(18 * mebibyte));
    CHECK(budget->used_bytes() == 16 * mebibyte);
    CHECK_FALSE(second.resize(14 * mebibyte));
    CHECK(second.resize(13 * mebibyte));
    BudgetShare moved(std::move(second));
    CHECK(budget->used_bytes() == 28 * mebibyte);
    CHECK(moved.resize(0));
    CHECK(budget->used_bytes() == 16 * mebibyte);
  }
  CHECK(budget->used_bytes() == 0);
  // However many ask, they never get more than there is.
  std::vector<std::unique_ptr<BudgetShare>> shares;
  for (int i = 0; i < 1000; ++i) {
    shares.push_back(std::make_unique<BudgetShare>(budget));
    for (std::size_t size = mebibyte; shares.back()->resize(size); size += mebibyte / 4) {
    }
    CHECK(budget->used_bytes() <= 64 * mebibyte);
  }
  shares.clear();
  CHECK(budget->used_bytes() == 0);
  // A reader gives back what it held.
  {
    Chunks chunks;
    chunks.reader = ChunkReader(budget);
    chunks.feed(large_chunks);
    chunks.feed(header_of(MessageType::video, 0xffffff));
    chunks.feed(Buffer(8 * mebibyte, 1));
    CHECK(budget->used_bytes() >= 7 * mebibyte);
  }
  CHECK(budget->used_bytes() == 0);
}

TEST_CASE("data that grows beyond 1 MiB when its AMF3 is written as AMF0 is left out") {
  const auto with_name = [](const Buffer& value) { return joined({{0}, amf::encode_all({"hello"}), value}); };
  struct Case {
    Buffer body;
    bool passes;
  };
  const Buffer half = references(2000, 250);
  for (const Case& each : {Case{with_name(half), true}, Case{with_name(joined({half, half})), true},
                           Case{with_name(joined({half, half, half})), false},
                           Case{with_name(references(60'000, 50'000)), false}}) {
    CAPTURE(each.body.size());
    MediaReader reader;
    reader.feed(message_of(MessageType::data_amf3, each.body));
    const auto media = reader.next();
    CHECK(media.has_value() == each.passes);
    CHECK(reader.left_out() == (each.passes ? 0 : 1));
    if (media) CHECK(media->payload.size() <= max_data_size);
  }
}

TEST_CASE("a command whose references repeat more than 64 KiB is none") {
  const auto name = amf::encode_all({"x", 0.0});
  CHECK(parse_command(message_of(MessageType::command_amf0, joined({name, references(1000, 60)}))));
  const auto many = references(1000, 30);
  const auto refused = parse_command(message_of(MessageType::command_amf0, joined({name, many, many, many})));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::too_large);
}

TEST_CASE("an aggregate of a million parts gives them one by one") {
  ByteWriter writer;
  constexpr std::size_t parts = 100'000;
  for (std::size_t i = 0; i < parts; ++i) {
    writer.u8(8);
    writer.u24(1);
    writer.u32(0);
    writer.u24(0);
    writer.u8(i & 0xff);
    writer.u32(12);
  }
  MediaReader reader;
  reader.feed(message_of(MessageType::aggregate, writer.release()));
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    const auto part = reader.next();
    REQUIRE(part);
    REQUIRE(part->payload.size() == 1);
    CHECK(part->payload.data()[0] == (count & 0xff));
    more = reader.has_more();
  }
  CHECK(count == parts);
  CHECK_FALSE(reader.next());
}

TEST_CASE("streams in all and of an address") {
  StreamQuota quota({.streams = 300, .streams_per_address = 200});
  for (int i = 0; i < 200; ++i) CHECK(quota.add("192.0.2.1"));
  const auto refused = quota.add("192.0.2.1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("--max-streams-per-address") != std::string::npos);
  for (int i = 0; i < 100; ++i) CHECK(quota.add("192.0.2.2"));
  const auto full = quota.add("192.0.2.3");
  REQUIRE_FALSE(full);
  CHECK(full.error().message.find("(--max-streams)") != std::string::npos);
  std::size_t waiting = 0;
  for (int i = 0; i < 200; ++i) waiting += quota.add_brief("192.0.2.1") ? 1 : 0;
  CHECK(waiting == StreamQuota::brief_per_address);
  quota.remove_brief("192.0.2.1");
  CHECK(quota.add_brief("192.0.2.1"));
  quota.remove("192.0.2.2");
  CHECK(quota.add("192.0.2.3"));
}

TEST_CASE("after 25 and 50 days an address opens streams as fast as before") {
  for (const std::int64_t uptime_ms : {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 38}) {
    StreamQuota quota({.streams = 300, .streams_per_address = 200});
    const auto opened = [&](std::int64_t at_ms) {
      const StreamQuota::Clock::time_point now{std::chrono::milliseconds(at_ms)};
      int count = 0;
      for (; count < 1000 && quota.add("192.0.2.1", now); ++count) quota.remove("192.0.2.1");
      return count;
    };
    CHECK(opened(uptime_ms - 5'000) == 200);
    CHECK(opened(uptime_ms + 5'000) == 20);
    CHECK(opened(2 * uptime_ms) == 200);
  }
}

TEST_CASE("an address that opens streams and leaves them again is slowed down") {
  StreamQuota quota({.streams = 300, .streams_per_address = 200});
  const auto begin = StreamQuota::Clock::now();
  const auto opened = [&](const std::string& address, StreamQuota::Clock::time_point now) {
    int count = 0;
    for (; count < 1000 && quota.add(address, now); ++count) quota.remove(address);
    return count;
  };
  CHECK(opened("192.0.2.1", begin) == 200);
  CHECK(opened("192.0.2.1", begin + 10s) == 20);  // two a second
  CHECK(opened("192.0.2.2", begin + 10s) == 200);
  CHECK(opened("192.0.2.1", begin + 1h) == 200);
  // Addresses that have no stream are not remembered without end.
  for (int i = 0; i < 10'000; ++i) {
    CHECK(quota.add(std::to_string(i), begin));
    quota.remove(std::to_string(i));
  }
}
