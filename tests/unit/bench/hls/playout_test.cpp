#include "srs-bench/hls/playout.h"

#include <doctest/doctest.h>

using namespace srs::bench;
using namespace std::chrono_literals;

namespace {

const Clock::time_point start = Clock::time_point(100s);

}  // namespace

TEST_CASE("play begins once the hold-back has arrived") {
  Playout playout;
  playout.add_lane(0, 500ms, 600ms);
  playout.on_media(0, 1000ms, start);
  CHECK_FALSE(playout.started());
  playout.on_media(0, 100ms, start + 10ms);
  REQUIRE(playout.started());
  CHECK(*playout.started() == start + 10ms);
  playout.settle(start + 610ms);
  CHECK(playout.stalls() == 0);
  playout.settle(start + 611ms);
  CHECK(playout.stalls() == 1);
  CHECK(playout.stalled() == 1ms);
}

TEST_CASE("a stall counts once, however often it is checked, and delays the viewer") {
  Playout playout;
  playout.add_lane(0, 0ms, 1s);
  playout.on_media(0, 1s, start);
  playout.settle(start + 1200ms);
  playout.settle(start + 1300ms);
  playout.on_media(0, 200ms, start + 1500ms);
  CHECK(playout.stalls() == 1);
  CHECK(playout.stalled() == 500ms);
  playout.settle(start + 1700ms);
  CHECK(playout.stalls() == 1);
  playout.on_media(0, 1s, start + 1800ms);
  CHECK(playout.stalls() == 2);
  CHECK(playout.stalled() == 600ms);
  playout.end(start + 2800ms);
  playout.settle(start + 5s);
  CHECK(playout.stalls() == 2);
}

TEST_CASE("the lane with the least media decides") {
  Playout playout;
  playout.add_lane(0, 0ms, 1s);
  playout.add_lane(1, 0ms, 1s);
  playout.on_media(0, 10s, start);
  CHECK_FALSE(playout.started());
  playout.on_media(1, 1s, start + 1s);
  REQUIRE(playout.started());
  playout.settle(start + 2500ms);
  CHECK(playout.stalls() == 1);
  CHECK(playout.stalled() == 500ms);
  playout.on_media(0, 1s, start + 2500ms);
  playout.on_media(1, 1s, start + 2500ms);
  playout.on_media(1, -100ms, start + 2500ms);
  playout.settle(start + 3400ms);
  CHECK(playout.stalls() == 1);
  playout.settle(start + 3500ms);
  CHECK(playout.stalls() == 2);
  CHECK(playout.stalled() == 600ms);
}
