#include "srs-probe/streams/decode_times.h"

#include <doctest/doctest.h>

using namespace srs::probe;

namespace {

TimedFrame timed(std::optional<std::int64_t> decoding_ms, std::optional<std::int64_t> shown_ms,
                 std::int64_t lasts_us = 40'000) {
  return {{}, decoding_ms, shown_ms, lasts_us};
}

}  // namespace

TEST_CASE("frames without any time follow each other") {
  DecodeTimes times;
  for (int i = 0; i < 90; ++i) {
    const auto ready = times.push(timed({}, {}, 33'333));
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].decoding_ms == i * 33'333 / 1'000);
    CHECK(ready[0].offset_ms == 0);
  }
}

TEST_CASE("the first pictures of Matroska lead up to the first known time") {
  DecodeTimes times;
  CHECK(times.push(timed({}, 0)).empty());
  CHECK(times.push(timed({}, 160)).empty());
  const auto ready = times.push(timed(0, 80));
  REQUIRE(ready.size() == 3);
  CHECK(ready[0].decoding_ms == -80);
  CHECK(ready[0].offset_ms == 80);
  CHECK(ready[1].decoding_ms == -40);
  CHECK(ready[2].decoding_ms == 0);
  CHECK(ready[2].offset_ms == 80);
  CHECK(times.push(timed({}, {}))[0].decoding_ms == 40);
}

TEST_CASE("the wait for a decoding time is bounded") {
  DecodeTimes times;
  std::size_t frames = 0;
  std::int64_t last = -10'000;
  for (int i = 0; i < 100; ++i)
    for (const Frame& frame : times.push(timed({}, i * 40))) {
      ++frames;
      CHECK(frame.decoding_ms > last);
      last = frame.decoding_ms;
    }
  CHECK(frames == 100);
  DecodeTimes few;
  CHECK(few.push(timed({}, 40)).empty());
  CHECK(few.flush().size() == 1);
  CHECK(few.flush().empty());
}
