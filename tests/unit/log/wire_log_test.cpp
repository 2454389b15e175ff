#include "log/wire_log.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "log/flv_wire.h"
#include "log/wire_reader.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

log::WireReader read(const log::WireLog& log) {
  log::WireReader reader(log);
  reader.refresh();
  return reader;
}

std::vector<std::uint8_t> bytes_from(const log::WireReader& log, log::WireOffset offset) {
  iovec pieces[64];
  const std::size_t count = log.gather(offset, pieces, 64);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* start = static_cast<const std::uint8_t*>(pieces[i].iov_base);
    bytes.insert(bytes.end(), start, start + pieces[i].iov_len);
  }
  return bytes;
}

std::vector<std::uint8_t> encoded(const log::WireEncoder& encoder, const std::vector<Message>& messages) {
  std::vector<std::uint8_t> bytes;
  for (const Message& message : messages) {
    const Slice slice = log::encode_alone(encoder, message);
    bytes.insert(bytes.end(), slice.bytes().begin(), slice.bytes().end());
  }
  return bytes;
}

}  // namespace

TEST_CASE("a wire log gives the encoded messages from any boundary on, over all its blocks") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  std::vector<Message> messages;
  std::vector<log::WireLog::Offset> boundaries;
  for (int i = 0; i < 40; ++i) {
    messages.push_back(sample_video(i % 10 == 0, i * 40, 20'000 + static_cast<std::size_t>(i) * 1000));
    boundaries.push_back(log.head());
    log.append(messages.back(), static_cast<std::uint32_t>(i));
  }
  CHECK(log.head() > 3 * 256 * 1024);
  for (std::size_t i = 0; i < messages.size(); i += 7) {
    const std::vector<Message> rest(messages.begin() + static_cast<std::ptrdiff_t>(i), messages.end());
    CHECK(bytes_from(read(log), boundaries[i]) == encoded(flv, rest));
  }
  CHECK(bytes_from(read(log), log.head()).empty());
}

TEST_CASE("a message larger than a block lies whole in one") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log.append(sample_video(true, 0, 100), 0);
  const auto offset = log.head();
  log.append(sample_video(false, 40, 3 << 20), 1);
  const Slice rest = read(log).rest_of_message(offset + 1);
  CHECK(rest.size() == (3u << 20) + flv::tag_header_size + flv::tag_trailer_size - 1);
}

TEST_CASE("the rest of a message ends at its boundary and outlives its eviction") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  const Message first = sample_video(true, 0, 1000);
  log.append(first, 0);
  const auto boundary = log.head();
  log.append(sample_video(false, 40, 1000), 1);
  CHECK(read(log).rest_of_message(boundary).empty());
  const Slice rest = read(log).rest_of_message(10);
  CHECK(rest.size() == boundary - 10);
  log.evict_before(2);
  CHECK(log.tail() == log.head());
  const auto whole = encoded(flv, {first});
  CHECK(std::equal(rest.bytes().begin(), rest.bytes().end(), whole.begin() + 10));
}

TEST_CASE("eviction drops the starts before the tail and keeps offsets") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  CHECK_FALSE(read(log).newest_start());
  log.mark_start(0, StreamHeaders());
  CHECK_FALSE(read(log).newest_start());  // nothing to send from there yet
  log.append(sample_video(true, 0, 500'000), 0);
  log.append(sample_video(false, 40, 500), 1);
  const auto second = log.head();
  log.mark_start(80, StreamHeaders());
  log.append(sample_video(true, 80, 500), 2);
  CHECK(read(log).newest_start()->offset == second);
  log.evict_before(2);
  CHECK(log.tail() == second);
  CHECK(read(log).newest_start()->offset == second);
  CHECK(bytes_from(read(log), second).size() == 515);
  log.evict_before(3);
  CHECK_FALSE(read(log).newest_start());
}

TEST_CASE("messages that are not for a wire leave no trace in its log") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  Message annotation = sample_script("onClock", 0);
  log.append(annotation, 0);
  CHECK(log.head() == 0);
}

TEST_CASE("numbers of messages may pass 2^32, and skip those that the wire leaves out") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  const std::uint32_t first = 0xffff'ff00;
  for (std::uint32_t i = 0; i < 1000; i += 2) {
    log.append(sample_video(false, i, 1000), first + i);
    log.append(sample_script("onClock", i), first + i + 1);
  }
  CHECK(log.size_bytes() == 500 * 1015);
  log.evict_before(first + 101);
  CHECK(log.size_bytes() == 449 * 1015);
  log.evict_before(first + 900);
  CHECK(log.size_bytes() == 50 * 1015);
  CHECK(read(log).timestamp_at(log.tail()) == 900);
}

TEST_CASE("a message that the wire cannot say is left out, and the log goes on") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  log.append(sample_video(true, 0, 100), 0);
  log.append(sample_video(false, 40, std::size_t{1} << 24), 1);
  log.append(sample_video(false, 80, 100), 2);
  CHECK(log.size_bytes() == 2 * 115);
  CHECK(bytes_from(read(log), 115) == encoded(flv, {sample_video(false, 80, 100)}));
}

TEST_CASE("starts between two changes of the headers share them") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  StreamHeaders headers;
  headers.update(sample_script("onMetaData", 0));
  headers.update(sample_header(flv::TagType::video, 0, 1));
  std::vector<std::shared_ptr<const log::WireHeaders>> seen;
  for (std::uint32_t i = 0; i < 4; ++i) {
    if (i == 2) headers.update(sample_header(flv::TagType::video, 0, 2));
    if (i == 3) headers.update(sample_script("onMetaData", 1));
    log.mark_start(i * 40, headers);
    log.append(sample_video(true, i * 40, 100), i);
    seen.push_back(read(log).newest_start()->headers);
  }
  CHECK(seen[0] == seen[1]);
  CHECK(seen[1] != seen[2]);
  CHECK(seen[1]->metadata.data() == seen[2]->metadata.data());
  CHECK(seen[2] == seen[3]);  // the same metadata again
}

TEST_CASE("in chunks each tag is one, and its payload can be found in it") {
  const log::FlvWire plain, chunked(log::Annotations::left_out, log::Framing::chunked);
  for (const std::size_t size : {5u, 4'000u, 70'000u}) {
    const Message message = sample_video(true, 40, size);
    const Slice tag = log::encode_alone(plain, message);
    const Slice chunk = log::encode_alone(chunked, message);
    const std::string text(reinterpret_cast<const char*>(chunk.data()), chunk.size());
    const std::string size_line = fmt::format("{:x}\r\n", tag.size());
    CHECK(text.starts_with(size_line));
    CHECK(text.ends_with("\r\n"));
    CHECK(std::ranges::equal(chunk.bytes().subspan(size_line.size(), tag.size()), tag.bytes()));
    CHECK(std::ranges::equal(log::http_chunk(tag.bytes()).bytes(), chunk.bytes()));
    Message held = message;
    log::WireLog log(chunked);
    log.take_over(held, 0);
    CHECK(std::ranges::equal(held.payload.bytes(), message.payload.bytes()));
  }
}

TEST_CASE("a small stream keeps little in vain: its blocks have a share of what is kept") {
  const log::FlvWire flv;
  log::WireLog log(flv);
  // 62,500 bytes a second, of which four seconds are kept.
  for (std::uint32_t i = 0; i < 2000; ++i) {
    log.append(sample_video(i % 50 == 0, i * 40, 2500 - 20), i);
    if (i >= 100) log.evict_before(i - 100);
  }
  const std::size_t kept = log.size_bytes();
  std::size_t held = 0;
  for (const auto* block = log.first().get(); block != nullptr; block = block->next.load())
    held += block->capacity;
  CHECK(kept > 200'000);
  CHECK(held < kept + kept / 2);
}
