#include "srs-hls/tracks/presence.h"

#include <doctest/doctest.h>

namespace srs::hls {
namespace {

// Plays the tracks selected by `video` and `audio`, a frame every 40 ms, and counts changes of audio.
struct Run {
  Presence presence;
  std::int64_t now_ms = 0;
  int changes = 0;

  void play(std::int64_t for_ms, bool video, bool audio) {
    for (const std::int64_t end = now_ms + for_ms; now_ms < end; now_ms += 40) {
      if (video) presence.on_frame(Track::video, now_ms);
      if (audio) presence.on_frame(Track::audio, now_ms);
      if (!presence.is_excluded(Track::audio) && presence.is_silent(Track::audio)) {
        presence.exclude(Track::audio);
        ++changes;
      } else if (presence.is_back(Track::audio)) {
        presence.include(Track::audio);
        ++changes;
      }
    }
  }
};

TEST_CASE("a track is silent once the other has gone on for two seconds without it") {
  Presence presence;
  presence.on_frame(Track::audio, 0);
  for (std::int64_t at = 0; at < 2'000; at += 40) {
    presence.on_frame(Track::video, at);
    CHECK_FALSE(presence.is_silent(Track::audio));
  }
  presence.on_frame(Track::video, 2'000);
  CHECK(presence.is_silent(Track::audio));
  CHECK_FALSE(presence.is_silent(Track::video));
  presence.on_frame(Track::audio, 2'010);
  CHECK_FALSE(presence.is_silent(Track::audio));
}

TEST_CASE("a jump of the timestamps is no silence, and neither is a stream that stands still") {
  Presence presence;
  presence.on_frame(Track::audio, 0);
  presence.on_frame(Track::video, 0);
  presence.on_frame(Track::video, 3'600'000);
  CHECK_FALSE(presence.is_silent(Track::audio));
  for (int i = 0; i < 1'000; ++i) presence.on_frame(Track::video, 0);
  CHECK_FALSE(presence.is_silent(Track::audio));
}

TEST_CASE("pictures that come every four seconds are left out once at most") {
  Presence presence;
  int left = 0;
  for (std::int64_t at = 0; at < 120'000; at += 20) {
    presence.on_frame(Track::audio, at);
    if (at % 4'000 == 0) presence.on_frame(Track::video, at);
    if (presence.is_back(Track::video)) presence.include(Track::video);
    if (presence.is_excluded(Track::video) || !presence.is_silent(Track::video)) continue;
    presence.exclude(Track::video);
    ++left;
  }
  CHECK(left == 1);
  CHECK_FALSE(presence.is_excluded(Track::video));
}

TEST_CASE("a track that was never there counts as soon as it comes") {
  Run run;
  run.play(5'000, true, false);
  CHECK(run.presence.is_excluded(Track::audio));
  run.play(40, true, true);
  CHECK_FALSE(run.presence.is_excluded(Track::audio));
}

TEST_CASE("a track that comes and goes has to be present for longer and longer") {
  Run run;
  for (int i = 0; i < 200; ++i) {
    run.play(3'000, true, true);
    run.play(3'000, true, false);
  }
  CHECK(run.changes <= 6);
  run.changes = 0;
  for (int i = 0; i < 100; ++i) {
    run.play(30'000, true, true);
    run.play(3'000, true, false);
  }
  CHECK(run.changes < 110);  // in 55 minutes
  // In the end it is forgiven.
  run.play(900'000, true, true);
  CHECK_FALSE(run.presence.is_excluded(Track::audio));
  run.play(3'000, true, false);
  CHECK(run.presence.is_excluded(Track::audio));
  run.play(80, true, true);
  CHECK_FALSE(run.presence.is_excluded(Track::audio));
}

}  // namespace
}  // namespace srs::hls
