#include "log/wire_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "flv/reader.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

std::size_t bytes_ahead(const log::WireReader& reader, log::WireOffset offset) {
  iovec pieces[256];
  std::size_t size = 0;
  for (std::size_t i = 0, count = reader.gather(offset, pieces, 256); i < count; ++i)
    size += pieces[i].iov_len;
  return size;
}

void append(log::WireLog& log, int i, std::size_t size) {
  const Message message = sample_video(i % 10 == 0, i * 40, size);
  if (i % 10 == 0) log.mark_start(message.timestamp_ms, StreamHeaders());
  log.append(message, static_cast<std::uint32_t>(i));
}

}  // namespace

TEST_CASE("a reader's view changes with refresh() and not before") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log::WireReader reader(log);
  append(log, 0, 1000);
  reader.refresh();
  const log::WireOffset head = reader.head();
  CHECK(bytes_ahead(reader, 0) == head);
  for (int i = 1; i < 500; ++i) append(log, i, 1000);
  CHECK(reader.head() == head);
  CHECK(bytes_ahead(reader, 0) == head);
  CHECK(reader.newest_start()->offset == 0);
  reader.refresh();
  CHECK(reader.head() == log.head());
  CHECK(bytes_ahead(reader, 0) == log.head());
  CHECK(reader.newest_start()->timestamp_ms == 490 * 40);
  CHECK(reader.newest_ms() == 499 * 40);
}

TEST_CASE("what the log evicts stays with a reader until it releases it") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log::WireReader reader(log);
  std::vector<log::WireOffset> offsets;
  for (int i = 0; i < 1000; ++i) {
    offsets.push_back(log.head());
    append(log, i, 1000);
  }
  reader.refresh();
  log.evict_before(800);
  for (int i = 1000; i < 1500; ++i) append(log, i, 1000);
  CHECK(reader.tail() == 0);
  reader.refresh();
  CHECK(reader.tail() == offsets[800]);
  CHECK(reader.rest_of_message(offsets[3] + 5).size() == 1015 - 5);
  CHECK(reader.timestamp_at(offsets[3] + 5) == 3 * 40);
  reader.release_before(reader.tail());
  CHECK(bytes_ahead(reader, offsets[800]) == log.head() - offsets[800]);
  CHECK(reader.timestamp_at(offsets[800]) == 800 * 40);
}

TEST_CASE("those who are inside the same message share one copy of its rest, which keeps no block") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log::WireReader reader(log);
  for (int i = 0; i < 2000; ++i) append(log, i, 1000);
  reader.refresh();
  std::vector<Slice> rests;
  for (const log::WireOffset at : {10u, 500u, 1014u}) rests.push_back(reader.rest_of_message(at));
  CHECK(rests[0].block() == rests[1].block());
  CHECK(rests[0].data() + 490 == rests[1].data());
  CHECK(rests[2].size() == 1);
  const std::weak_ptr<log::WireBlock> first = log.first();
  log.evict_before(3000);
  reader.refresh();
  reader.release_before(reader.tail());
  CHECK(first.expired());
  CHECK(rests[0].size() == 1005);
  // A message that is most of its block is not copied.
  append(log, 2000, 200'000);
  reader.refresh();
  const log::WireOffset inside = reader.head() - 10;
  CHECK(reader.rest_of_message(inside).data() == reader.next_slice(inside).data());
}

TEST_CASE("a reader that comes late, or comes back, begins at the tail") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log::WireReader reader(log);
  for (int round = 0; round < 3; ++round) {
    log::WireOffset boundary = 0;
    for (int i = 0; i < 1000; ++i) {
      if (i == 990) boundary = log.head();
      append(log, round * 1000 + i, 1000);
    }
    log.evict_before(static_cast<std::uint32_t>(round * 1000 + 990));
    reader.refresh();
    CHECK(reader.tail() == boundary);
    CHECK(reader.newest_start()->offset == boundary);
    CHECK(bytes_ahead(reader, boundary) == log.head() - boundary);
    reader.reset();
  }
}

TEST_CASE("the place of a time is that of the first message not before it") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  std::vector<log::WireOffset> offsets;
  for (int i = 0; i < 1000; ++i) {
    offsets.push_back(log.head());
    append(log, i, 1000);
  }
  log::WireReader reader(log);
  reader.refresh();
  CHECK(reader.offset_since(-5) == 0);
  for (const std::size_t i : {0u, 1u, 57u, 63u, 64u, 65u, 500u, 999u}) {
    CHECK(reader.offset_since(static_cast<std::int64_t>(i) * 40) == offsets[i]);
    CHECK(reader.offset_since(static_cast<std::int64_t>(i) * 40 - 39) == offsets[i]);
  }
  CHECK(reader.offset_since(1000 * 40) == log.head());
}

TEST_CASE("messages so small that a block runs out of marks") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  std::vector<log::WireOffset> offsets;
  for (int i = 0; i < 5000; ++i) {
    offsets.push_back(log.head());
    append(log, i, 5);
  }
  log::WireReader reader(log);
  reader.refresh();
  for (std::size_t i = 0; i < offsets.size(); i += 100) {
    CHECK(reader.timestamp_at(offsets[i]) == static_cast<std::int64_t>(i) * 40);
    CHECK(reader.rest_of_message(offsets[i] + 1).size() == 20 - 1);
  }
  CHECK(bytes_ahead(reader, 0) == log.head());
}

TEST_CASE("the oldest start is the first whole one that the log keeps") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log::WireReader reader(log);
  reader.refresh();
  CHECK(reader.oldest_start() == nullptr);
  std::vector<log::WireOffset> offsets;
  for (int i = 0; i < 1000; ++i) {
    offsets.push_back(log.head());
    append(log, i, 1000);
  }
  CHECK(reader.oldest_start() == nullptr);  // not before refresh()
  reader.refresh();
  REQUIRE(reader.oldest_start() != nullptr);
  CHECK(reader.oldest_start()->offset == 0);
  log.evict_before(501);
  CHECK(reader.oldest_start()->offset == 0);
  reader.refresh();
  CHECK(reader.oldest_start()->offset == offsets[510]);
  log.evict_before(995);
  reader.refresh();
  CHECK(reader.oldest_start() == nullptr);
}

TEST_CASE("the start before a time is the newest that is not later, of those that the log keeps") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log::WireReader reader(log);
  reader.refresh();
  CHECK(reader.start_before(1'000) == nullptr);
  for (int i = 0; i < 1000; ++i) append(log, i, 1000);
  CHECK(reader.start_before(1'000) == nullptr);  // not before refresh()
  reader.refresh();
  for (const std::int64_t time : {0, 399, 400, 401, 20'000, 39'599, 39'600, 39'999, 1'000'000}) {
    const log::WireStart* start = reader.start_before(time);
    REQUIRE(start != nullptr);
    CHECK(start->timestamp_ms == std::min<std::int64_t>(time, 39'600) / 400 * 400);
  }
  CHECK(reader.start_before(-1) == nullptr);
  log.evict_before(501);
  reader.refresh();
  CHECK(reader.start_before(20'399) == nullptr);
  REQUIRE(reader.start_before(20'400) != nullptr);
  CHECK(reader.start_before(20'400)->timestamp_ms == 20'400);
}
