// Splice of sources whose 32-bit timestamps have wrapped, each at a different time of its connection.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "unit/live/splice_samples.h"

using namespace srs::media;

namespace {

constexpr std::int64_t turn_ms = std::int64_t{1} << 32;

}  // namespace

TEST_CASE("adding whole wraps gives the nearest time") {
  CHECK(whole_turns(5, 5) == 0);
  CHECK(whole_turns(0, turn_ms / 2 - 1) == 0);
  CHECK(whole_turns(0, turn_ms / 2) == turn_ms);
  CHECK(whole_turns(3, 7 * turn_ms - 10) == 7 * turn_ms);
  CHECK(whole_turns(turn_ms - 3, 7 * turn_ms + 10) == 6 * turn_ms);
  CHECK(whole_turns(turn_ms - 500, 3'000) == -turn_ms);
  CHECK(whole_turns(5 * turn_ms + 1, 0) == -5 * turn_ms);
}

TEST_CASE("a source that has wrapped is unwrapped to the stream's time") {
  for (const std::int64_t turns : {1, 2, 3}) {
    for (const bool named : {true, false}) {
      CAPTURE(turns);
      CAPTURE(named);
      Spliced spliced;
      const std::int64_t start_ms = turns * turn_ms - 2'000 - (turns * turn_ms) % 1'000;
      const auto begin = [&](std::int64_t at_ms) {
        spliced.splice.begin_source(spliced.zero + milliseconds(at_ms), named ? "a" : "");
      };
      begin(start_ms);
      spliced.play({}, start_ms, start_ms + 4'520);
      begin(start_ms + 4'600);
      const Source wrapped{.shift_ms = -turns * turn_ms};
      spliced.play(wrapped, start_ms + 4'000, start_ms + 6'000, start_ms + 4'600);
      CHECK(spliced.times(TagType::video) == steps(start_ms, start_ms + 6'000));
      CHECK(spliced.discontinuities() == 0);
    }
  }
}

TEST_CASE("a source that begins right before a wrap is unwrapped to a stream that began after it") {
  for (const bool named : {true, false}) {
    for (const std::int64_t overlap_ms : {1'000, 3'000}) {
      CAPTURE(named);
      CAPTURE(overlap_ms);
      Spliced spliced;
      const auto begin = [&](std::int64_t at_ms) {
        spliced.splice.begin_source(spliced.zero + milliseconds(at_ms), named ? "a" : "");
      };
      begin(turn_ms + 704);
      spliced.play({.shift_ms = -turn_ms}, turn_ms + 704, turn_ms + 1'504);
      begin(turn_ms + 1'600);
      // The stream did not have its first key frame.
      const std::int64_t from_ms = turn_ms + 704 - overlap_ms;
      spliced.play({}, from_ms, turn_ms + 4'704, turn_ms + 1'600);
      const auto times = spliced.times(TagType::video);
      CHECK(times.front() == 704);
      CHECK(times.back() == 4'664);
      CHECK(std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end());
      CHECK(times.size() >= 50);
      CHECK(spliced.discontinuities() == 0);
    }
  }
}

TEST_CASE("a timeline that was joined shifted is recognized after its wrap, however far it was shifted") {
  for (const std::int64_t turns : {0, 2}) {
    for (const std::int64_t stream_ms : {std::int64_t{40'000}, turn_ms - 3'000, 5 * turn_ms / 2}) {
      CAPTURE(turns);
      CAPTURE(stream_ms);
      Spliced spliced;
      spliced.splice.begin_source(spliced.zero, "a");
      const std::int64_t begin_ms = stream_ms / gop_ms * gop_ms;
      spliced.play({.shift_ms = begin_ms}, 0, 2'000);
      spliced.splice.begin_source(spliced.zero + milliseconds(2'000), "b");
      // b wraps 3 s after the stream joins it.
      const std::int64_t shift_ms = (turns + 1) * turn_ms - 5'000;
      spliced.play({.shift_ms = shift_ms, .content = 1}, 2'000, 7'520);
      CHECK(spliced.discontinuities() == 1);
      const auto before = spliced.times(TagType::video);
      spliced.splice.begin_source(spliced.zero + milliseconds(7'600), "b");
      spliced.play({.shift_ms = -5'000, .content = 1}, 7'000, 12'000, 7'600);
      CHECK(spliced.discontinuities() == 1);
      const auto times = spliced.times(TagType::video);
      REQUIRE(times.size() == before.size() + 112);
      CHECK(times.back() - before.back() == 112 * frame_ms);
    }
  }
}

TEST_CASE("a timeline of the same name continues after an outage of weeks, unwrapped") {
  constexpr std::int64_t outage_ms = 20LL * 86'400'000;
  Spliced spliced;
  const std::int64_t begin_ms = (turn_ms - 10LL * 86'400'000) / gop_ms * gop_ms;
  spliced.splice.begin_source(spliced.zero + milliseconds(begin_ms), "a");
  spliced.play({}, begin_ms, begin_ms + 2'000);
  spliced.splice.begin_source(spliced.zero + milliseconds(begin_ms + outage_ms), "a");
  spliced.play({.shift_ms = -turn_ms}, begin_ms + outage_ms, begin_ms + outage_ms + 2'000);
  CHECK(spliced.discontinuities() == 0);
  CHECK(spliced.times(TagType::video).size() == 100);
  CHECK(spliced.times(TagType::video).back() == begin_ms + outage_ms + 1'960);
}
