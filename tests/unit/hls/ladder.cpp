#include "srs-hls/ladder.h"

#include <doctest/doctest.h>

#include "srs-hls/cut_plan.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the last word of a name says which rendition it is") {
  CHECK(ladder_of("live/cam_1080p") == "live/cam");
  CHECK(ladder_of("live/cam_1080p60") == "live/cam");
  CHECK(ladder_of("live/my_cam_2500k") == "live/my_cam");
  CHECK(ladder_of("live/cam_source") == "live/cam");
  CHECK(ladder_of("live/cam_track2") == "live/cam");
  CHECK(ladder_of("a/b/c_low") == "a/b/c");
  for (const char* none : {"live/cam", "live/cam_", "live/_720p", "live/cam_x", "live/cam_p", "live/cam_k",
                           "live_720p/cam", "live/cam_720px", "live/cam-720p", ""}) {
    CAPTURE(none);
    CHECK(ladder_of(none).empty());
  }
}

TEST_CASE("who comes first to a segment decides where it begins") {
  CutPlan plan(100);
  CHECK(plan.join(0) == 100);
  CHECK(plan.join(5) == 100);
  CHECK(!plan.cut(101, 1'000, false));
  CHECK(plan.cut(101, 2'000, true));
  // The other one would not have cut by itself; its key frame is a moment later.
  CHECK(!plan.cut(101, 1'000, false));
  CHECK(plan.cut(101, 2'040, false));
  // Nor before, though its own rule says so.
  CHECK(plan.cut(102, 4'000, true));
  CHECK(!plan.cut(102, 3'000, true));
  CHECK(plan.cut(102, 4'000, true));
}

TEST_CASE("a stream that comes later joins the segment that the others are in") {
  CutPlan plan(7);
  plan.join(10'000);
  plan.began(8, 12'000);
  plan.began(9, 14'000);
  CHECK(plan.join(10'500) == 7);
  CHECK(plan.join(12'000) == 8);
  CHECK(plan.join(13'900) == 9);
  CHECK(plan.join(20'000) == 9);
}

TEST_CASE("what the first settles holds for all") {
  CutPlan plan(0);
  CHECK(plan.target_duration_s() == 0);
  plan.settle(4);
  plan.settle(2);
  CHECK(plan.target_duration_s() == 4);
  plan.settle_parts(200ms);
  plan.settle_parts(240ms);
  CHECK(plan.part_target() == 200ms);
}

TEST_CASE("clocks that are a little apart agree, one that was set does not") {
  const ProgramClock::Utc zero = ProgramClock::Utc(1'700'000'000s);
  std::optional<ProgramClock::Utc> common;
  ProgramClock first, second;
  first.tell(0, zero);
  first.agree(common);
  second.tell(1'000, zero + 1'080ms);
  second.agree(common);
  CHECK(second.at(1'000) == zero + 1'000ms);
  CHECK(first.at(1'000) == second.at(1'000));
  second.tell(2'000, zero + 1h);
  second.agree(common);
  CHECK(second.at(2'000) == zero + 1h);
  first.tell(2'000, zero + 1h + 40ms);
  first.agree(common);
  CHECK(first.at(2'000) == zero + 1h);
}

TEST_CASE("dates go on from an earlier run, unless the clock was set meanwhile") {
  const ProgramClock::Utc zero = ProgramClock::Utc(1'700'000'000s);
  ProgramClock clock;
  clock.restore(zero);
  clock.begin(5'000, zero + 5'060ms, false);
  clock.tell(5'000, zero + 5'060ms);
  CHECK(clock.at(5'000) == zero + 5s);
  clock.tell(6'000, zero + 1h);
  CHECK(clock.at(6'000) == zero + 1h);

  ProgramClock anew;
  anew.restore(zero);
  anew.begin(100, zero + 9s, true);
  anew.tell(100, zero + 9'010ms);
  CHECK(anew.at(100) == zero + 9'010ms);
}

}  // namespace
}  // namespace srs::hls
