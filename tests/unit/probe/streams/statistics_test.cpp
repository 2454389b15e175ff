#include "srs-probe/streams/statistics.h"

#include <doctest/doctest.h>

using namespace srs::probe;

TEST_CASE("a spread has minimum, maximum and average") {
  Spread spread;
  CHECK(spread.average() == 0);
  for (const double value : {4.0, -2.0, 7.0}) spread.add(value);
  CHECK(spread.min() == -2);
  CHECK(spread.max() == 7);
  CHECK(spread.average() == doctest::Approx(3));
}

TEST_CASE("the peak second lies on a grid from the first frame on") {
  RateMeter rate;
  rate.add(500, 100);
  rate.add(1499, 50);    // the first second still
  rate.add(1500, 1000);  // the second one
  rate.add(9000, 10);    // after a pause
  CHECK(rate.bytes() == 1160);
  CHECK(rate.peak_bps() == 8000);
  CHECK(rate.average_bps(8500) == doctest::Approx(1160 * 8 / 8.5));
  CHECK(rate.average_bps(0) == 0);
}

TEST_CASE("a fuller last second counts before it is over") {
  RateMeter rate;
  rate.add(0, 1);
  rate.add(1000, 5);
  CHECK(rate.peak_bps() == 40);
}

TEST_CASE("gaps and backward jumps") {
  GapDetector detector;
  std::int64_t at = 1000;
  const auto steady = [&](int frames) {
    for (int i = 0; i < frames; ++i) detector.add(at += 40);
  };
  SUBCASE("a steady stream has none") {
    steady(100);
    detector.finish();
    CHECK(detector.gaps().count() == 0);
    CHECK(detector.backward().count() == 0);
    CHECK(detector.median_interval_ms() == 40);
  }
  SUBCASE("a gap is found where it begins") {
    steady(50);
    const std::int64_t before = at;
    at += 1200;
    steady(50);
    REQUIRE(detector.gaps().count() == 1);
    CHECK(detector.gaps().largest().at_ms == before);
    CHECK(detector.gaps().largest().length_ms == 1240);
  }
  SUBCASE("a gap among the first frames is found once the usual interval is known") {
    steady(2);
    at += 900;
    steady(2);
    CHECK(detector.gaps().count() == 0);
    steady(10);
    REQUIRE(detector.gaps().count() == 1);
    CHECK(detector.gaps().first().at(0).length_ms == 940);
  }
  SUBCASE("or at the end of a short stream") {
    steady(3);
    at += 900;
    steady(1);
    CHECK(detector.gaps().count() == 0);
    detector.finish();
    CHECK(detector.gaps().count() == 1);
  }
  SUBCASE("one frame a second is a slow stream, not a gap a second") {
    for (int i = 0; i < 20; ++i) detector.add(at += 1000);
    detector.finish();
    CHECK(detector.gaps().count() == 0);
  }
  SUBCASE("a backward jump is none of the gaps") {
    steady(20);
    at -= 500;
    steady(20);
    CHECK(detector.gaps().count() == 0);
    REQUIRE(detector.backward().count() == 1);
    CHECK(detector.backward().largest().length_ms == 460);
  }
}

TEST_CASE("a list of jumps keeps the first and the largest") {
  JumpList list;
  for (int i = 0; i < 100; ++i) list.add({i, i == 50 ? 1000 : 300});
  CHECK(list.count() == 100);
  CHECK(list.first().size() == JumpList::kept);
  CHECK(list.largest().at_ms == 50);
}

TEST_CASE("GOPs are counted from key frame to key frame") {
  GopMeter gops;
  std::int64_t at = 0;
  const auto frames = [&](int count, bool key) {
    for (int i = 0; i < count; ++i, at += 40) gops.add(at, key && i == 0);
  };
  frames(3, false);
  frames(25, true);
  frames(50, true);
  frames(10, true);
  CHECK(gops.frames_before_first() == 3);
  CHECK(gops.key_frames() == 3);
  CHECK(gops.frames().count() == 2);
  CHECK(gops.frames().min() == 25);
  CHECK(gops.frames().max() == 50);
  CHECK(gops.duration_ms().average() == 1500);
  CHECK(gops.last_gop_ms() == 2000);
  CHECK(gops.longest_without().length_ms == 2000);
  frames(100, false);
  CHECK(gops.longest_without().length_ms == 109 * 40);
}

TEST_CASE("B-frames are those shown before what was decoded earlier") {
  ReorderMeter reorder;
  // Decoded I P B B: shown I B B P.
  reorder.add(0, 80);
  reorder.add(40, 160);
  reorder.add(80, 40);
  reorder.add(120, 40);
  CHECK(reorder.reordered() == 2);
  CHECK(reorder.min_offset_ms() == 40);
  CHECK(reorder.max_offset_ms() == 160);
}

TEST_CASE("skew is averaged over seconds, with the worst kept") {
  SkewMeter skew;
  skew.on_video(0);
  CHECK_FALSE(skew.known());
  for (std::int64_t at = 0; at < 3000; at += 20) {
    skew.on_video(at);
    skew.on_audio(at + 300);
  }
  skew.finish();
  REQUIRE(skew.known());
  CHECK(skew.average_ms() == doctest::Approx(-290).epsilon(0.02));
  for (std::int64_t at = 3000; at < 5000; at += 20) {
    skew.on_video(at + 900);
    skew.on_audio(at);
  }
  skew.finish();
  CHECK(skew.worst_ms() > 800);
  CHECK(skew.last_ms() > 800);
}
