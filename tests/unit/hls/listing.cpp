#include "srs-hls/listing.h"

#include <doctest/doctest.h>

#include "samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

class Run {
 public:
  Run(const TemporaryDirectory& place, TurnedClock& clock)
      : directory_(place.directory()), listing("live/x", ".ts", 3, directory_, clock, silent_log()) {
    listing.restore(2);
    if (listing.playlist().target_duration_s == 0) listing.set_target_duration(2);
  }

  bool add(std::chrono::milliseconds duration = 2s) {
    const auto content = bytes_of("47");
    Segment segment;
    segment.duration = duration;
    return listing.add(content, segment, "state");
  }

 private:
  Directory directory_;

 public:
  Listing listing;
};

TEST_CASE("segments leave the list at the window, and the disk when nobody can ask for them any more") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  for (int i = 0; i < 4; ++i) {
    clock.passed += 2s;
    REQUIRE(run.add());
  }
  CHECK(run.listing.playlist().media_sequence == 1);
  CHECK(run.listing.playlist().segments.size() == 3);
  CHECK(place.has("live/x/0.ts"));
  // Its own two seconds and the eight of the last playlist that named it.
  clock.passed += 9'900ms;
  run.listing.sweep();
  CHECK(place.has("live/x/0.ts"));
  clock.passed += 200ms;
  run.listing.sweep();
  CHECK_FALSE(place.has("live/x/0.ts"));
  CHECK(place.has("live/x/1.ts"));
}

TEST_CASE("a list never gets shorter than three target durations") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  for (int i = 0; i < 20; ++i) REQUIRE(run.add(1s));
  CHECK(run.listing.playlist().segments.size() == 6);
}

TEST_CASE("input that is faster than it plays does not pile up files") {
  const TemporaryDirectory place;
  TurnedClock clock;  // stands still
  Run run(place, clock);
  for (int i = 0; i < 100; ++i) REQUIRE(run.add());
  CHECK(place.directory().list("live/x").size() < 20);
}

TEST_CASE("the next run goes on with numbers, segments and state") {
  const TemporaryDirectory place;
  TurnedClock clock;
  {
    Run run(place, clock);
    for (int i = 0; i < 5; ++i) REQUIRE(run.add());
    run.listing.end();
  }
  CHECK(place.text("live/x.m3u8").ends_with("#EXT-X-ENDLIST\n"));
  // As old as the clock: the file's own time is the machine's.
  std::filesystem::last_write_time(place.www() / "live/x.m3u8",
                                   std::chrono::file_clock::from_sys(clock.utc()));
  Run run(place, clock);
  CHECK(run.listing.playlist().state == "state");
  CHECK(run.listing.playlist().segments.size() == 3);
  REQUIRE(run.add());
  CHECK(run.listing.playlist().segments.back().uri == "x/5.ts");
  CHECK(run.listing.playlist().media_sequence == 3);
  CHECK(place.text("live/x.m3u8").find("ENDLIST") == std::string::npos);
  // Files that the run before left behind go, too.
  clock.passed += 1min;
  run.listing.sweep();
  CHECK_FALSE(place.has("live/x/0.ts"));
}

TEST_CASE("a playlist that is long past gives its numbers only") {
  const TemporaryDirectory place;
  TurnedClock clock;
  {
    Run run(place, clock);
    for (int i = 0; i < 5; ++i) REQUIRE(run.add());
  }
  std::filesystem::last_write_time(place.www() / "live/x.m3u8",
                                   std::chrono::file_clock::from_sys(clock.utc() - 1min));
  Run run(place, clock);
  CHECK(run.listing.playlist().segments.empty());
  REQUIRE(run.add());
  CHECK(run.listing.playlist().media_sequence == 5);
}

TEST_CASE("segments that are not there, or not ours, are not listed again") {
  const TemporaryDirectory place;
  TurnedClock clock;
  {
    Run run(place, clock);
    for (int i = 0; i < 3; ++i) REQUIRE(run.add());
  }
  std::filesystem::last_write_time(place.www() / "live/x.m3u8",
                                   std::chrono::file_clock::from_sys(clock.utc()));
  place.put("live/x/1.ts", "");
  Run run(place, clock);
  CHECK(run.listing.playlist().media_sequence == 2);
  CHECK(run.listing.playlist().segments.size() == 1);
}

TEST_CASE("without a playlist the numbers go on behind the files that are there") {
  const TemporaryDirectory place;
  TurnedClock clock;
  place.put("live/x/41.ts", "old");
  place.put("live/x/.42.ts.tmp", "left over");
  Run run(place, clock);
  REQUIRE(run.add());
  CHECK(place.has("live/x/42.ts"));
  CHECK_FALSE(place.has("live/x/.42.ts.tmp"));
}

TEST_CASE("garbage in place of the playlist begins a new one") {
  const TemporaryDirectory place;
  TurnedClock clock;
  place.put("live/x.m3u8", "garbage");
  Run run(place, clock);
  REQUIRE(run.add());
  CHECK(place.text("live/x.m3u8").starts_with("#EXTM3U\n"));
}

TEST_CASE("a segment that cannot be written is not listed; the next one takes its number") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  REQUIRE(run.add());
  place.put("live/x/1.ts/in the way", "");
  CHECK_FALSE(run.add());
  CHECK(run.listing.lost() == 1);
  CHECK(place.text("live/x.m3u8").find("x/1.ts") == std::string::npos);
  std::filesystem::remove_all(place.www() / "live/x/1.ts");
  REQUIRE(run.add());
  CHECK(place.text("live/x.m3u8").find("x/1.ts") != std::string::npos);
}

TEST_CASE("files stay as long as the playlist on disk names them") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  for (int i = 0; i < 3; ++i) REQUIRE(run.add());
  // The playlist cannot be replaced from now on: segments are written, it is not.
  std::filesystem::remove(place.www() / "live/x.m3u8");
  place.put("live/x.m3u8/in the way", "");
  for (int i = 0; i < 10; ++i) REQUIRE(run.add());
  CHECK_FALSE(run.listing.written());
  clock.passed += 1h;
  run.listing.sweep();
  CHECK(place.has("live/x/0.ts"));
  std::filesystem::remove_all(place.www() / "live/x.m3u8");
  REQUIRE(run.add());
  CHECK(run.listing.written());
  clock.passed += 1h;
  run.listing.sweep();
  CHECK_FALSE(place.has("live/x/0.ts"));
}

}  // namespace
}  // namespace srs::hls
