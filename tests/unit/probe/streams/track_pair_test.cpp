#include "srs-probe/streams/track_pair.h"

#include <doctest/doctest.h>

using namespace srs::probe;

namespace {

constexpr auto video = TrackKind::video, audio = TrackKind::audio;

// Pictures and audio side by side, one of each every 40 ms; audio is behind by behind_ms.
void play(TrackPair& pair, std::int64_t from_ms, std::int64_t to_ms, std::int64_t behind_ms = 0) {
  for (std::int64_t at = from_ms; at < to_ms; at += 40) {
    pair.on_frame(video, at);
    pair.on_frame(audio, at - behind_ms);
  }
}

}  // namespace

TEST_CASE("tracks that lie apart are skewed, and neither is silent") {
  TrackPair pair;
  play(pair, 10'000, 20'000, 1'500);
  // The late track catches up in the end.
  for (std::int64_t at = 18'500; at < 20'000; at += 40) pair.on_frame(audio, at);
  pair.finish(true);
  CHECK(pair.skew().worst_ms() == doctest::Approx(1'500).epsilon(0.02));
  CHECK(pair.silent_ms(video) < 100);
  CHECK(pair.silent_ms(audio) == 0);
}

TEST_CASE("a track that stops, or is silent for a while, is no skew") {
  TrackPair pair;
  play(pair, 0, 5'300);
  for (std::int64_t at = 5'300; at < 11'300; at += 40) pair.on_frame(video, at);
  CHECK(pair.silent_ms(audio) == doctest::Approx(6'000).epsilon(0.01));
  play(pair, 11'300, 15'000);
  CHECK(pair.silent_ms(audio) == 0);
  CHECK(pair.silent_ms(video) <= 40);
  for (std::int64_t at = 15'000; at < 63'000; at += 40) pair.on_frame(video, at);
  pair.finish(true);
  CHECK(pair.silent_ms(audio) == doctest::Approx(48'000).epsilon(0.01));
  CHECK(std::abs(pair.skew().worst_ms()) < 50);
}

TEST_CASE("the lateness of a track is the other track's progress before it began") {
  TrackPair pair;
  for (std::int64_t at = 1'000; at < 8'000; at += 40) pair.on_frame(audio, at);
  CHECK(pair.late_ms(video) == 0);
  play(pair, 8'000, 10'000);
  pair.finish(true);
  CHECK(pair.late_ms(video) == doctest::Approx(7'000).epsilon(0.01));
  CHECK(pair.late_ms(audio) == 0);
  CHECK(std::abs(pair.skew().worst_ms()) < 50);

  TrackPair skewed;
  play(skewed, 10'000, 12'000, 1'500);
  CHECK(skewed.late_ms(audio) == 0);
  CHECK(skewed.late_ms(video) == 0);
}

TEST_CASE("fragments with pictures first are ordered by time") {
  for (const bool ordered : {false, true}) {
    TrackPair pair;
    if (ordered) pair.order_by_time();
    for (std::int64_t begin = 0; begin < 20'000; begin += 2'000) {
      for (std::int64_t at = begin; at < begin + 2'000; at += 40) pair.on_frame(video, at);
      for (std::int64_t at = begin; at < begin + 2'000; at += 20) pair.on_frame(audio, at);
    }
    // If the probe stops in the middle of a fragment, no track counts as silent.
    for (std::int64_t at = 20'000; at < 22'000; at += 40) pair.on_frame(video, at);
    pair.finish(false);
    if (!ordered) continue;
    CHECK(std::abs(pair.skew().worst_ms()) < 50);
    CHECK(pair.skew().known());
    CHECK(pair.silent_ms(audio) < 100);
    CHECK(pair.silent_ms(video) < 100);
  }
}

TEST_CASE("ordered by time, a track that stops is found, and what is held is bounded") {
  TrackPair pair;
  pair.order_by_time();
  play(pair, 0, 5'000);
  for (std::int64_t at = 5'000; at < 3'600'000; at += 40) pair.on_frame(video, at);
  CHECK(pair.silent_ms(audio) > 3'500'000);
  pair.finish(true);
  CHECK(pair.silent_ms(audio) == doctest::Approx(3'595'000).epsilon(0.001));
  // Likewise with times that stand still.
  for (int i = 0; i < 1'000'000; ++i) pair.on_frame(video, 3'600'000);
  CHECK(sizeof pair > 0);
}
