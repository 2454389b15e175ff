// Streams that are old: decode times over the bounds of 32 bits, and a week of frames without drift.
#include <doctest/doctest.h>

#include "mp4/timeline.h"

namespace srs::mp4 {
namespace {

constexpr std::int64_t week_ms = 604'800'000;

}  // namespace

TEST_CASE("fragments of pictures chain over each bound of their ticks and of milliseconds") {
  const std::int64_t bounds[] = {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 33,
                                 (std::int64_t{1} << 31) * 90, (std::int64_t{1} << 32) * 90};
  for (const std::int64_t bound : bounds) {
    CAPTURE(bound);
    VideoTimeline timeline;
    std::int64_t promised = -1;
    const std::int64_t begin = bound - 50 * 3'600;
    for (int i = 0; i < 100; ++i) {
      const Placed placed = timeline.place(begin + i * 3'600);
      REQUIRE(placed.decode_time == begin + i * 3'600);
      if (placed.previous_duration) REQUIRE(*placed.previous_duration == 3'600);
      if (i % 5 == 0 && promised >= 0) REQUIRE(placed.decode_time == promised);
      if (i % 5 < 4) continue;
      promised = placed.decode_time + timeline.finish(begin + (i + 1) * 3'600);
    }
  }
}

TEST_CASE("a week of sound whose times are whole milliseconds stays within a frame and a half of them") {
  constexpr std::int64_t rate = 44'100, samples = 1'024;
  AudioTimeline timeline;
  std::int64_t worst = 0, end = -1;
  for (std::int64_t i = 0; i * samples < week_ms / 1'000 * rate; ++i) {
    const std::int64_t at_ms = i * samples * 1'000 / rate + (std::int64_t{1} << 31) - week_ms / 2;
    const std::int64_t time = at_ms * rate / 1'000;
    const Placed placed = timeline.place(time, rate, samples);
    if (i % 200 == 0) timeline.finish();
    if (end >= 0 && placed.decode_time != end)
      FAIL("a fragment does not begin where the one before ended: " << i);
    end = placed.decode_time + timeline.duration();
    worst = std::max(worst, std::abs(placed.decode_time - time));
  }
  CHECK(worst <= samples + samples / 2 + rate / 500);
}

}  // namespace srs::mp4
