// Publishers must not decide how large segments are, how many there are, or what they cost.
#include <doctest/doctest.h>

#include "srs-hls/cut/cut_budget.h"
#include "srs-hls/cut/stream.h"
#include "srs-hls/delivery/text_cache.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/mux/ts_muxer.h"
#include "srs-hls/streams/ended_numbers.h"
#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::uint64_t mebibyte = 1u << 20;

class Fixture {
 public:
  explicit Fixture(milliseconds part = 0ms, std::uint64_t bytes_max = 8 * mebibyte)
      : settings_{.format = part.count() > 0 ? Format::fmp4 : Format::ts,
                  .rendition = {.in_memory = true, .bytes_max = bytes_max}},
        presentation("live/x", settings_, Places{}, nullptr, clock, silent_log()) {
    Stream::Muxing muxing;
    if (part.count() > 0)
      muxing.main = std::make_unique<Fmp4Muxer>();
    else
      muxing.main = std::make_unique<TsMuxer>();
    CutSettings cut{2s, part};
    cut.segment_bytes = mebibyte;
    stream.emplace(presentation, cut, std::move(muxing), nullptr, 0, clock, silent_log());
    stream->on_message(video_header());
    stream->on_message(audio_header());
  }

  // A picture of this size.
  void take(std::int64_t at_ms, std::size_t size, bool key) {
    std::vector<std::uint8_t> bytes = bytes_of(key ? "17 01 000000" : "27 01 000000");
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
    bytes.push_back(key ? 0x65 : 0x41);
    bytes.resize(bytes.size() + size - 1, 0x9a);
    stream->on_message(media::make_message(flv::TagType::video, at_ms, Slice::copy_of(bytes)));
  }
  const Playlist& list() const { return presentation.main().playlist(); }
  std::uint64_t held() const { return presentation.memory_bytes() + stream->held_bytes(); }

  TurnedClock clock;

 private:
  PresentationSettings settings_;

 public:
  Presentation presentation;
  std::optional<Stream> stream;
};

TEST_CASE("timestamps that stand still: segments end by size, and a stream's bytes are bounded") {
  for (const milliseconds part : {0ms, 200ms}) {
    CAPTURE(part);
    Fixture f(part);
    f.take(0, 100, true);
    std::uint64_t most = 0;
    for (int i = 0; i < 2'000; ++i) {
      f.clock.passed += 20ms;
      f.take(0, 50'000, false);
      most = std::max(most, f.held());
    }
    CHECK(f.stream->forced_cuts() > 50);
    CHECK(most < 8 * mebibyte + 2 * mebibyte);
    for (const Segment& segment : f.list().segments) CHECK(segment.size_bytes < mebibyte + 100'000);
    // It began between key frames, and is marked so.
    CHECK_FALSE(f.list().segments.back().independent);
    CHECK(format(f.list(), {}).find("INDEPENDENT") == std::string::npos);
  }
}

TEST_CASE("a segment that grows too large ends at a key frame, if one comes in time") {
  Fixture f;
  for (int i = 0; i < 600; ++i) {
    f.clock.passed += 20ms;
    f.take(0, 20'000, i % 4 == 0);
  }
  REQUIRE(f.stream->forced_cuts() > 5);
  for (const Segment& segment : f.list().segments) CHECK(segment.independent);
}

TEST_CASE("one-byte frames count with their overhead") {
  Fixture f(200ms);
  f.take(0, 100, true);
  std::uint64_t most = 0;
  for (int i = 0; i < 200'000; ++i) {
    f.clock.passed += 1ms;
    f.take(0, 1, false);
    most = std::max(most, f.held());
  }
  CHECK(f.stream->forced_cuts() > 2);
  CHECK(most < 10 * mebibyte);
}

TEST_CASE("timestamps that crawl: a segment is under way for a minute at most") {
  Fixture f;
  f.take(0, 100, true);
  for (int i = 1; i < 6'000; ++i) {
    f.clock.passed += 50ms;  // five minutes in all
    f.take(i / 10, 100, false);
  }
  CHECK(f.list().next_sequence() >= f.list().media_sequence + 4);
  CHECK(f.stream->forced_cuts() == f.list().segments.size());
}

TEST_CASE("a network pause causes no cut") {
  Fixture f;
  for (int i = 0; i < 500; ++i) {
    // After a quarter of an hour's delay everything arrives at once.
    if (i == 20) f.clock.passed += 15min;
    f.take(i * 40, 100, i % 50 == 0);
  }
  CHECK(f.stream->forced_cuts() == 0);
  for (const Segment& segment : f.list().segments) CHECK(segment.duration == 2s);
}

TEST_CASE(
    "codecs that change with each frame make a bounded number of segments, and the stream continues "
    "afterwards") {
  Fixture f;
  const std::uint64_t first = f.list().next_sequence();
  for (int i = 0; i < 1'000; ++i) {
    f.stream->on_message(video_header(i % 2 == 0 ? avc_record : other_avc_record));
    f.take(i, 100, true);
  }
  CHECK(f.list().next_sequence() - first <= static_cast<std::uint64_t>(CutBudget::burst) + 2);
  f.clock.passed += 10s;
  f.stream->on_message(video_header());
  const std::uint64_t before = f.list().next_sequence();
  for (int i = 0; i < 500; ++i) f.take(2'000 + i * 40, 100, i % 50 == 0);
  CHECK(f.list().next_sequence() >= before + 8);
  CHECK(f.list().segments.back().independent);
}

TEST_CASE("many small steps back are a jump in the end") {
  Fixture f;
  for (int i = 0; i < 100; ++i) f.take(100'000 - i * 900, 100, true);
  int discontinuities = 0;
  for (const Segment& segment : f.list().segments) discontinuities += segment.discontinuity;
  CHECK(discontinuities > 10);
}

TEST_CASE("parts end by size, and by time") {
  Fixture f(200ms, 256 * mebibyte);
  for (int i = 0; i < 200; ++i) f.take(i * 40, 100, i % 50 == 0);
  REQUIRE(f.list().part_target > 0ms);
  REQUIRE(f.list().open.has_value());
  const std::size_t before = f.list().open->parts.size();
  for (int i = 0; i < 60; ++i) {
    f.clock.passed += 500ms;  // half a minute
    f.take(200 * 40, 100, false);
  }
  REQUIRE(f.list().open.has_value());
  CHECK(f.list().open->parts.size() >= before + 2);
}

TEST_CASE("invalid codec configurations and impossible times are left out") {
  Fixture f;
  std::vector<std::uint8_t> header = bytes_of("17 00 000000" + avc_record);
  header.resize(100'000);
  f.stream->on_message(media::make_message(flv::TagType::video, 0, Slice::copy_of(header)));
  f.stream->on_message(video_header());
  for (const std::int64_t at : {std::int64_t{1} << 41, std::int64_t{1} << 62, INT64_MAX, INT64_MIN})
    f.take(at, 100, true);
  for (int i = 0; i < 200; ++i) f.take(i * 40, 100, i % 50 == 0);
  CHECK(f.list().segments.size() >= 3);
  for (std::size_t i = 1; i < f.list().segments.size(); ++i) CHECK_FALSE(f.list().segments[i].discontinuity);
}

TEST_CASE("a stream above its limit drops its oldest segments, down to the newest") {
  Fixture f(0ms, 256 * mebibyte);
  for (int i = 0; i < 1'000; ++i) f.take(i * 40, 10'000, i % 50 == 0);
  const std::uint64_t before = f.presentation.memory_bytes();
  f.presentation.limit_bytes(before / 2);
  CHECK(f.presentation.memory_bytes() <= before / 2 + 65'536);
  CHECK(f.list().segments.size() > 1);
  f.presentation.limit_bytes(1);
  CHECK(f.list().segments.size() == 1);
  f.presentation.limit_bytes(0);
  for (int i = 1'000; i < 1'500; ++i) f.take(i * 40, 10'000, i % 50 == 0);
  CHECK(f.list().segments.size() >= 6);
}

TEST_CASE("short segments have a budget that fills again") {
  CutBudget budget;
  CutBudget::Time now{};
  int taken = 0;
  while (budget.consume(now)) ++taken;
  CHECK(taken == 64);
  now += 1s;
  taken = 0;
  while (budget.consume(now)) ++taken;
  CHECK(taken == 4);
  now += 1h;
  taken = 0;
  while (budget.consume(now)) ++taken;
  CHECK(taken == 64);
}

TEST_CASE("numbers of streams that are gone are remembered, and never used twice") {
  EndedNumbers numbers;
  CHECK(numbers.first("live/x/av") == 0);
  numbers.remember("live/x/av", 900);
  for (std::size_t i = 0; i < EndedNumbers::names_max; ++i)
    numbers.remember("live/" + std::to_string(i), i % 7);
  // It was forgotten, but all unknown names start after it.
  CHECK(numbers.first("live/x/av") >= 900);
  CHECK(numbers.first("live/new") >= 900);
}

TEST_CASE("a text cache is bounded in number and bytes, and holds the newest version of each text") {
  const auto text = [](std::size_t size) { return Slice::copy_of(std::vector<std::uint8_t>(size, 'x')); };
  TextCache cache(3, 1'000);
  cache.put("a", "1", text(10));
  cache.put("a", "2", text(20));
  CHECK(cache.find("a", "1") == nullptr);
  REQUIRE(cache.find("a", "2") != nullptr);
  CHECK(cache.bytes() == 20);
  for (const char* name : {"b", "c", "d"}) cache.put(name, "1", text(10));
  CHECK(cache.size() == 3);
  CHECK(cache.find("a", "2") == nullptr);
  cache.put("e", "1", text(990));
  CHECK(cache.bytes() <= 1'000);
  REQUIRE(cache.find("e", "1") != nullptr);
}

}  // namespace
}  // namespace srs::hls
