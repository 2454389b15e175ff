// What a peer can make a connection hold, by message type, by role, and by the process's budget.
#include "amf/value.h"
#include "media/script_budget.h"
#include "rtmp/command.h"
#include "rtmp/media_reader.h"
#include "rtmp/message_encoder.h"
#include "unit/rtmp/chunks.h"

using namespace srs;
using namespace srs::rtmp;
using namespace std::chrono_literals;

namespace {

using Buffer = std::vector<std::uint8_t>;

// The header of a message on a chunk stream, whose chunks are as large as the message.
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

// An AMF3 array: a text of `text` bytes, then references to it.
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

TEST_CASE("messages by type and length: kept, returned without their payload, or refused") {
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
      if (!publishes) chunks.reader.set_limit(ChunkReader::command_bytes);
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

TEST_CASE("a peer that does not publish holds 64 KiB of unfinished messages, overhead included") {
  const auto bytes_until_refused = [](std::size_t piece) {
    Chunks chunks;
    chunks.reader.set_limit(ChunkReader::command_bytes);
    chunks.feed(large_chunks);
    std::size_t size = 0;
    for (std::uint8_t stream = 3; stream < 63 && !chunks.failed; ++stream) {
      chunks.feed(bytes_of("02 000000 000004 01 00000000 00000400"));  // keeps a message unfinished
      chunks.feed(header_of(MessageType::video, 0xffffff, stream));
      for (std::size_t at = 0; at < piece && !chunks.failed; at += 1024) {
        if (at > 0) chunks.feed(Buffer{static_cast<std::uint8_t>(0xc0 | stream)});
        chunks.feed(Buffer(1024, 7));
        if (!chunks.failed) size += 1024;
      }
      CHECK(chunks.reader.held_bytes() <= ChunkReader::command_bytes);
    }
    CHECK(chunks.failed);
    return size;
  };
  CHECK(bytes_until_refused(2048) == 64 << 10);  // each costs 128 bytes more
  CHECK(bytes_until_refused(100 << 10) == 67 << 10);
}

TEST_CASE("the budget of a process: shares shrink as it fills, and are released") {
  constexpr std::size_t mebibyte = 1 << 20;
  const auto budget = std::make_shared<MessageBudget>(64 * mebibyte);
  {
    BudgetShare small(budget), first(budget), second(budget);
    CHECK(small.resize(mebibyte));  // free
    CHECK(budget->used_bytes() == 0);
    CHECK(first.resize(17 * mebibyte));  // a quarter of all, and the free bytes
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
  // Any number of shares never gets more than the budget.
  std::vector<std::unique_ptr<BudgetShare>> shares;
  for (int i = 0; i < 1000; ++i) {
    shares.push_back(std::make_unique<BudgetShare>(budget));
    for (std::size_t size = mebibyte; shares.back()->resize(size); size += mebibyte / 4) {
    }
    CHECK(budget->used_bytes() <= 64 * mebibyte);
  }
  shares.clear();
  CHECK(budget->used_bytes() == 0);
  // A reader releases its share.
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

TEST_CASE("data that exceeds 1 MiB once its AMF3 is written as AMF0 is left out") {
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

TEST_CASE("a command whose references repeat more than 64 KiB is refused") {
  const auto name = amf::encode_all({"x", 0.0});
  CHECK(parse_command(message_of(MessageType::command_amf0, joined({name, references(1000, 60)}))));
  const auto many = references(1000, 30);
  const auto refused = parse_command(message_of(MessageType::command_amf0, joined({name, many, many, many})));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::too_large);
}

TEST_CASE("the parts of an aggregate of a million are returned one by one") {
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
