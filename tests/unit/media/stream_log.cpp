#include "media/stream_log.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "media/flv_wire.h"
#include "media/wire_reader.h"
#include "media_samples.h"

using namespace srs;
using namespace srs::media;
using flv::TagType;

namespace {

// Keeps the newest complete GOP and what comes after it, however short that is.
const LogLimits gops_only{.min_time = std::chrono::milliseconds(0)};

// A look at all that is there. The blocks are held by the log itself here.
WireReader read(const WireLog& log) {
  WireReader reader(log);
  reader.refresh();
  return reader;
}

// The kinds of the messages that a player who starts now gets, prelude first: 'M' metadata,
// 'V'/'A' headers, 'K' key frame, 'v', 'a'.
std::string played(const WireLog& wire) {
  const WireReader log = read(wire);
  const WireStart* start = log.newest_start();
  if (!start) return "";
  flv::Reader reader;
  std::uint8_t header[flv::file_header_size];
  flv::store_file_header(header, true, true);
  reader.append(header);
  const WirePrelude first = prelude(wire.encoder(), *start);
  reader.append(first.metadata.bytes());
  reader.append(first.codecs.bytes());
  iovec pieces[64];
  const std::size_t count = log.gather(start->offset, pieces, 64);
  for (std::size_t i = 0; i < count; ++i)
    reader.append(Bytes(static_cast<const std::uint8_t*>(pieces[i].iov_base), pieces[i].iov_len));
  std::string kinds;
  for (;;) {
    auto tag = reader.next();
    REQUIRE(tag.ok());
    if (!*tag) break;
    switch (classify((*tag)->type, (*tag)->payload.bytes())) {
      case MessageKind::metadata:
        kinds += 'M';
        break;
      case MessageKind::video_header:
        kinds += 'V';
        break;
      case MessageKind::audio_header:
        kinds += 'A';
        break;
      case MessageKind::key_frame:
        kinds += 'K';
        break;
      case MessageKind::video_frame:
        kinds += 'v';
        break;
      case MessageKind::audio_frame:
        kinds += 'a';
        break;
      default:
        kinds += '?';
    }
  }
  CHECK(reader.pending() == 0);
  return kinds;
}

void append_start(StreamLog& log) {
  log.append(sample_script("onMetaData", 0));
  log.append(sample_header(TagType::video, 0, 1));
  log.append(sample_header(TagType::audio, 0, 2));
}

void append_gop(StreamLog& log, std::int64_t timestamp_ms) {
  log.append(sample_video(true, timestamp_ms));
  log.append(sample_audio(timestamp_ms + 10));
  log.append(sample_video(false, timestamp_ms + 40));
}

}  // namespace

TEST_CASE("a player starts with the headers and the newest key frame") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, gops_only);
  const auto early = log.wire(flv);
  append_start(log);
  append_gop(log, 0);
  CHECK(played(*early) == "MVAKav");
  append_gop(log, 80);
  append_gop(log, 160);
  CHECK(played(*early) == "MVAKav");
  CHECK(read(*early).newest_start()->timestamp_ms == 160);
}

TEST_CASE("a wire log made late equals one that was there from the start") {
  const FlvWire flv, other;
  StreamLog log({"live/x", ""}, gops_only);
  const auto early = log.wire(flv);
  append_start(log);
  for (int i = 0; i < 5; ++i) append_gop(log, i * 80);
  log.append(sample_header(TagType::video, 400, 9));
  append_gop(log, 400);
  const auto late = log.wire(other);
  CHECK(log.wire(other) == late);
  CHECK(played(*late) == played(*early));
  CHECK(late->size_bytes() == early->size_bytes());
  CHECK(read(*late).newest_start()->headers->version == read(*early).newest_start()->headers->version);
  const WirePrelude a = prelude(flv, *read(*late).newest_start()),
                    b = prelude(flv, *read(*early).newest_start());
  CHECK(std::ranges::equal(a.metadata.bytes(), b.metadata.bytes()));
  CHECK(std::ranges::equal(a.codecs.bytes(), b.codecs.bytes()));
}

TEST_CASE("the tail is the start of the newest complete GOP") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  append_start(log);
  for (int i = 0; i < 10; ++i) append_gop(log, i * 80);
  CHECK(read(*wire).timestamp_at(wire->tail()) == 8 * 80);
}

TEST_CASE("headers that repeat unchanged keep their version, others get a new one") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  append_start(log);
  append_gop(log, 0);
  const auto version = read(*wire).newest_start()->headers->version;
  log.append(sample_header(TagType::video, 80, 1));
  append_gop(log, 80);
  CHECK(read(*wire).newest_start()->headers->version == version);
  log.append(sample_header(TagType::video, 160, 7));
  append_gop(log, 160);
  CHECK(read(*wire).newest_start()->headers->version == version + 1);
}

TEST_CASE("a stream without key frames does not grow its log") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, {.max_bytes = 100'000, .max_time = std::chrono::hours(1)});
  const auto wire = log.wire(flv);
  append_start(log);
  for (int i = 0; i < 1000; ++i) log.append(sample_video(false, i * 40, 1000));
  CHECK(wire->size_bytes() <= 110'000);
  CHECK_FALSE(read(*wire).newest_start());
}

TEST_CASE("a log is bounded in time") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, {.max_bytes = 1 << 30, .max_time = std::chrono::seconds(2)});
  const auto wire = log.wire(flv);
  append_gop(log, 0);
  for (int i = 2; i < 200; ++i) log.append(sample_video(false, i * 40));
  CHECK(read(*wire).timestamp_at(wire->tail()) >= 199 * 40 - 2000);
}

TEST_CASE("without video a player starts within the last second") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  log.append(sample_header(TagType::audio, 0, 2));
  for (int i = 0; i < 500; ++i) log.append(sample_audio(i * 20));
  REQUIRE(read(*wire).newest_start());
  CHECK(read(*wire).newest_start()->timestamp_ms > 500 * 20 - 1100);
  CHECK(played(*wire).substr(0, 2) == "Aa");
  CHECK(read(*wire).timestamp_at(wire->tail()) >= 500 * 20 - 2200);
}

TEST_CASE("short GOPs are kept for the least time") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, {.min_time = std::chrono::seconds(2)});
  const auto wire = log.wire(flv);
  append_start(log);
  CHECK(wire->tail() == 0);
  for (int i = 0; i < 24; ++i) append_gop(log, i * 80);
  CHECK(wire->tail() == 0);  // not two seconds yet
  for (int i = 24; i < 200; ++i) {
    append_gop(log, i * 80);
    const auto kept = i * 80 + 40 - read(*wire).timestamp_at(wire->tail());
    if (i < 26) continue;
    CHECK(kept >= 2000);
    CHECK(kept <= 2200);
  }
  CHECK(read(*wire).newest_start()->timestamp_ms == 199 * 80);
}

TEST_CASE("what a message costs beside its payload counts against the limit") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, {.max_bytes = 1'000'000, .max_time = std::chrono::hours(1)});
  const auto wire = log.wire(flv);
  for (int i = 0; i < 100'000; ++i) log.append(sample_audio(0, 2));
  CHECK(log.cost_bytes() <= 1'000'000);
  CHECK(wire->size_bytes() <= 4000 * 17);
}

TEST_CASE("large metadata and codec headers are no headers") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, gops_only);
  const auto wire = log.wire(flv);
  append_start(log);
  std::vector<std::uint8_t> record(StreamHeaders::max_codec_header_bytes + 1);
  record[0] = 0x17;
  log.append(make_message(TagType::video, 0, Slice::copy_of(record)));
  append_gop(log, 0);
  const WireHeaders& headers = *read(*wire).newest_start()->headers;
  REQUIRE(headers.codecs.size() == 2);
  CHECK(headers.codecs[0].payload.size() == 10);
}

TEST_CASE("metadata is kept once, however many starts there are") {
  const FlvWire flv;
  StreamLog log({"live/x", ""}, {.max_bytes = 64 << 20});
  const auto wire = log.wire(flv);
  std::vector<std::uint8_t> metadata(1'000'000);
  const Message named = sample_script("onMetaData", 0);
  std::ranges::copy(named.payload.bytes(), metadata.begin());
  log.append(make_message(TagType::script, 0, Slice::copy_of(metadata)));
  for (int i = 0; i < 50; ++i) log.append(sample_video(true, i * 20, 100));
  const WireReader reader = read(*wire);
  CHECK(reader.oldest_start()->headers == reader.newest_start()->headers);
}

TEST_CASE("a wire log that nobody reads goes after a while, and comes back when it is asked for") {
  using std::chrono::seconds;
  const FlvWire flv;
  StreamLog log({"live/x", ""}, gops_only);
  auto wire = log.wire(flv);
  append_start(log);
  append_gop(log, 0);
  const std::chrono::steady_clock::time_point begin{seconds(1000)};
  log.drop_unused_wires(begin);
  log.drop_unused_wires(begin + seconds(100));
  CHECK(log.wires() == 1);  // it is read
  wire.reset();
  log.drop_unused_wires(begin + seconds(109));
  CHECK(log.wires() == 1);
  log.drop_unused_wires(begin + seconds(110));
  CHECK(log.wires() == 0);
  append_gop(log, 80);
  CHECK(played(*log.wire(flv)) == "MVAKav");
}

TEST_CASE("small payloads do not keep the block that they came in") {
  StreamLog log({"live/x", ""}, gops_only);
  Block block = make_block(256 * 1024);
  const std::weak_ptr<std::uint8_t[]> held = block;
  std::copy_n("\xaf\x01", 2, block.get());
  log.append(make_message(TagType::audio, 0, Slice(block, Bytes(block.get(), 200))));
  block.reset();
  CHECK(held.expired());
}
