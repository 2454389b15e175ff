#include "media/wire_log.h"

#include <doctest/doctest.h>

#include <vector>

#include "media/flv_wire.h"
#include "media/wire_reader.h"
#include "media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

WireReader read(const WireLog& log) {
  WireReader reader(log);
  reader.refresh();
  return reader;
}

std::vector<std::uint8_t> bytes_from(const WireReader& log, WireOffset offset) {
  iovec pieces[64];
  const std::size_t count = log.gather(offset, pieces, 64);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* start = static_cast<const std::uint8_t*>(pieces[i].iov_base);
    bytes.insert(bytes.end(), start, start + pieces[i].iov_len);
  }
  return bytes;
}

std::vector<std::uint8_t> encoded(const WireEncoder& encoder, const std::vector<Message>& messages) {
  std::vector<std::uint8_t> bytes;
  for (const Message& message : messages) {
    const std::size_t at = bytes.size();
    bytes.resize(at + encoder.encoded_size(message));
    if (bytes.size() > at) encoder.encode(message, bytes.data() + at);
  }
  return bytes;
}

}  // namespace

TEST_CASE("a wire log gives the encoded messages from any boundary on, over all its blocks") {
  const FlvWire flv;
  WireLog log(flv);
  std::vector<Message> messages;
  std::vector<WireLog::Offset> boundaries;
  for (int i = 0; i < 40; ++i) {
    messages.push_back(sample_video(i % 10 == 0, i * 40, 20'000 + static_cast<std::size_t>(i) * 1000));
    boundaries.push_back(log.head());
    log.append(messages.back());
  }
  CHECK(log.head() > 3 * 256 * 1024);
  for (std::size_t i = 0; i < messages.size(); i += 7) {
    const std::vector<Message> rest(messages.begin() + static_cast<std::ptrdiff_t>(i), messages.end());
    CHECK(bytes_from(read(log), boundaries[i]) == encoded(flv, rest));
  }
  CHECK(bytes_from(read(log), log.head()).empty());
}

TEST_CASE("a message larger than a block lies whole in one") {
  const FlvWire flv;
  WireLog log(flv);
  log.append(sample_video(true, 0, 100));
  const auto offset = log.head();
  log.append(sample_video(false, 40, 3 << 20));
  const Slice rest = read(log).rest_of_message(offset + 1);
  CHECK(rest.size() == (3u << 20) + flv::tag_header_size + flv::tag_trailer_size - 1);
}

TEST_CASE("the rest of a message ends at its boundary and outlives its eviction") {
  const FlvWire flv;
  WireLog log(flv);
  const Message first = sample_video(true, 0, 1000);
  log.append(first);
  const auto boundary = log.head();
  log.append(sample_video(false, 40, 1000));
  CHECK(read(log).rest_of_message(boundary).empty());
  const Slice rest = read(log).rest_of_message(10);
  CHECK(rest.size() == boundary - 10);
  log.evict_before(log.head());
  CHECK(log.tail() == log.head());
  const auto whole = encoded(flv, {first});
  CHECK(std::equal(rest.bytes().begin(), rest.bytes().end(), whole.begin() + 10));
}

TEST_CASE("eviction drops the starts before the tail and keeps offsets") {
  const FlvWire flv;
  WireLog log(flv);
  CHECK_FALSE(read(log).newest_start());
  log.mark_start(0, 1, {});
  CHECK_FALSE(read(log).newest_start());  // nothing to send from there yet
  log.append(sample_video(true, 0, 500'000));
  log.append(sample_video(false, 40, 500));
  const auto second = log.head();
  log.mark_start(80, 1, {});
  log.append(sample_video(true, 80, 500));
  CHECK(read(log).newest_start()->offset == second);
  log.evict_before(second);
  CHECK(log.tail() == second);
  CHECK(read(log).newest_start()->offset == second);
  CHECK(bytes_from(read(log), second).size() == 515);
  log.evict_before(log.head());
  CHECK_FALSE(read(log).newest_start());
}

TEST_CASE("messages that are not for a wire leave no trace in its log") {
  const FlvWire flv;
  WireLog log(flv);
  Message annotation = sample_script("onClock", 0);
  log.append(annotation);
  CHECK(log.head() == 0);
}
