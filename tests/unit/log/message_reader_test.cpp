#include "log/message_reader.h"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/wire_reader.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using flv::TagType;

namespace {

const log::LogLimits gops_only{.min_time = std::chrono::milliseconds(0)};
constexpr log::Offset turn = log::Offset{1} << 32;

std::vector<Message> messages_from(const log::MessageReader& reader, log::Offset offset) {
  std::vector<Message> messages;
  for (auto run = reader.from(offset); !run.empty(); run = reader.from(offset)) {
    messages.insert(messages.end(), run.begin(), run.end());
    offset += run.size();
  }
  return messages;
}

void play(log::MessageLog& log, int from, int to, int gop = 10, std::size_t size = 50) {
  for (int i = from; i < to; ++i) {
    log.append(sample_video(i % gop == 0, i * 40, size));
    log.append(sample_audio(i * 40 + 5));
  }
}

// Whether these are the messages of play(), from picture `first` on.
bool are_pictures(const std::vector<Message>& messages, int first, std::size_t size = 50) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const int picture = first + static_cast<int>(i / 2);
    const bool key = messages[i].kind == MessageKind::key_frame;
    const Message wanted = i % 2 == 1 ? sample_audio(0) : sample_video(key, picture * 40, size);
    if (messages[i].timestamp_ms != picture * 40 + (i % 2 == 1 ? 5 : 0)) return false;
    if (!std::ranges::equal(messages[i].payload.bytes(), wanted.payload.bytes())) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a reader of messages has them from a start on, with the headers in force there") {
  log::MessageLog log({"live/x", ""}, gops_only);
  log::MessageReader reader(log.messages());
  reader.refresh();
  CHECK(reader.newest_start() == nullptr);
  CHECK(reader.from(reader.tail()).empty());
  log.append(sample_script("onMetaData", 0));
  log.append(sample_header(TagType::video, 0, 1));
  log.append(sample_header(TagType::audio, 0, 2));
  play(log, 0, 15);
  CHECK(reader.head() == 0);  // as it was refreshed
  reader.refresh();
  const log::MessageStart* first = reader.oldest_start();
  REQUIRE(first != nullptr);
  CHECK(first->offset == 3);
  CHECK(first->timestamp_ms == 0);
  CHECK(first->headers->messages().size() == 3);
  CHECK(reader.start_at(3) == first);
  CHECK(reader.start_at(4) == nullptr);
  const log::MessageStart* newest = reader.newest_start();
  CHECK(newest->offset == 3 + 20);
  CHECK(newest->headers == first->headers);
  CHECK(messages_from(reader, newest->offset).size() == 10);
  CHECK(are_pictures(messages_from(reader, newest->offset), 10));
  log.append(sample_header(TagType::video, 600, 9));
  play(log, 20, 21);
  reader.refresh();
  CHECK(reader.newest_start()->headers->version() == first->headers->version() + 1);
  CHECK(reader.newest_start()->headers->codecs()[0].payload.data()[9] == 9);
  CHECK(reader.newest_ms() == 805);
}

TEST_CASE("a start knows the key frames that other tracks had at its moment") {
  log::MessageLog log({"live/x", ""}, gops_only);
  log::MessageReader reader(log.messages());
  log.append(sample_track_video(1, false, true, 0));
  log.append(sample_audio(0));
  log.append(sample_video(true, 0));
  log.append(sample_track_video(1, false, true, 40));
  log.append(sample_video(true, 80));
  reader.refresh();
  REQUIRE(reader.oldest_start()->other_key_frames.size() == 1);
  CHECK(is_other_key_frame(reader.oldest_start()->other_key_frames[0]));
  CHECK(reader.newest_start()->other_key_frames.empty());
}

TEST_CASE("a wire that comes takes the payloads over, and who is reading sees what it saw") {
  log::MessageLog log({"live/x", ""}, {});
  log::MessageReader early(log.messages());
  play(log, 0, 30);
  early.refresh();
  const log::MessageStart* start = early.newest_start();
  const auto before = messages_from(early, early.tail());
  const log::FlvWire flv;
  const auto wire = log.wire(flv);
  play(log, 30, 40);
  CHECK(early.newest_start() == start);
  CHECK(messages_from(early, early.tail()).size() == before.size());
  early.refresh();
  log::MessageReader late(log.messages());
  late.refresh();
  CHECK(late.tail() == early.tail());
  CHECK(late.head() == early.head());
  CHECK(late.oldest_start()->offset == early.oldest_start()->offset);
  const auto old = messages_from(early, early.tail()), moved = messages_from(late, late.tail());
  REQUIRE(old.size() == 80);
  REQUIRE(moved.size() == 80);
  CHECK(are_pictures(old, 0));
  CHECK(are_pictures(moved, 0));
  CHECK(old[0].payload.block() == before[0].payload.block());
  CHECK(moved[0].payload.block() == wire->first()->bytes);
  const auto* last = wire->first().get();
  while (last->next.load() != nullptr) last = last->next.load();
  CHECK(moved[79].payload.block() == last->bytes);
  // What was there before is held by the one who reads it, and by nobody else.
  const std::weak_ptr<std::uint8_t[]> block = before[0].payload.block();
  CHECK_FALSE(block.expired());
}

TEST_CASE("blocks that were replaced go with their last reader") {
  log::MessageLog log({"live/x", ""}, {});
  std::optional<log::MessageReader> reader(log.messages());
  play(log, 0, 30);
  reader->refresh();
  const std::weak_ptr<log::MessageBlock> first = log.messages()->first();
  const log::FlvWire flv;
  const auto wire = log.wire(flv);
  CHECK(log.messages()->first() != first.lock());
  CHECK_FALSE(first.expired());
  reader.reset();
  CHECK(first.expired());
}

TEST_CASE("a reader that is late holds what the log has let go of, also beyond its end") {
  std::optional<log::MessageLog> log(std::in_place, StreamInfo{"live/x", ""}, gops_only);
  log::MessageReader reader(log->messages());
  play(*log, 0, 10);
  reader.refresh();
  const log::Offset begin = reader.tail();
  play(*log, 10, 5'000);
  reader.refresh();
  CHECK(reader.tail() == 2 * 4'980);
  CHECK(reader.oldest_start()->offset == reader.tail());
  CHECK(messages_from(reader, begin).size() == 10'000);
  CHECK(are_pictures(messages_from(reader, begin), 0));
  log.reset();
  reader.refresh();
  CHECK(are_pictures(messages_from(reader, begin), 0));
  reader.release_before(reader.tail());
  CHECK(are_pictures(messages_from(reader, reader.tail()), 4'980));
}

TEST_CASE("what is let go of does not keep its payload for long") {
  log::MessageLog log({"live/x", ""}, {.max_bytes = 4 << 20});
  std::vector<std::weak_ptr<std::uint8_t[]>> payloads;
  for (int i = 0; i < 100; ++i) {
    Message message = sample_video(i % 10 == 0, i * 40, 1 << 20);
    payloads.push_back(message.payload.block());
    log.append(std::move(message));
  }
  std::size_t held = 0;
  for (const auto& payload : payloads) held += payload.expired() ? 0 : 1;
  CHECK(held <= 4);
}

TEST_CASE("a chain that nobody looked at for long goes one block after the other") {
  std::optional<log::MessageLog> log(std::in_place, StreamInfo{"live/x", ""}, gops_only);
  log::MessageReader reader(log->messages());
  reader.refresh();
  for (int i = 0; i < 1'000'000; ++i) log->append(sample_video(true, i * 40, 5));
  log.reset();
  reader.reset();
}

TEST_CASE("messages, bytes and packets go on where their offsets pass 2^32") {
  log::MessageLog log({"live/x", ""}, gops_only, turn - 100);
  const log::FlvWire flv;
  const auto wire = log.wire(flv);
  log::MessageReader reader(log.messages());
  reader.refresh();
  CHECK(reader.tail() == turn - 100);
  play(log, 0, 200);
  reader.refresh();
  CHECK(reader.head() == turn + 300);
  CHECK(reader.oldest_start()->offset == turn + 260);
  CHECK(are_pictures(messages_from(reader, turn + 260), 180));
  log::WireReader bytes(*wire);
  bytes.refresh();
  CHECK(bytes.timestamp_at(bytes.tail()) == 180 * 40);

  log::WireLog old(flv, turn - 1'000);
  for (int i = 0; i < 100; ++i) old.append(sample_video(true, i * 40), static_cast<std::uint32_t>(i));
  log::WireReader of_old(old);
  of_old.refresh();
  CHECK(of_old.head() - of_old.tail() == 100 * (50 + flv::tag_header_size + flv::tag_trailer_size));
  CHECK(of_old.timestamp_at(of_old.offset_since(80)) == 80);
}
