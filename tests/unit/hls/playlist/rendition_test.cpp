#include "srs-hls/playlist/rendition.h"

#include <doctest/doctest.h>

#include "srs-hls/outlets/directory_outlet.h"
#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

class Run {
 public:
  Run(const TemporaryDirectory& place, TurnedClock& clock, RenditionSettings settings = {.window = 3})
      : directory_(place.directory()),
        outlet_(directory_, clock, silent_log()),
        rendition({"live/x", "av", "", ".ts"}, settings, {&directory_, {&outlet_}}, clock, silent_log()) {
    rendition.resume(2);
    if (rendition.playlist().target_duration_s == 0) rendition.set_target_duration(2);
  }

  void add(std::chrono::milliseconds duration = 2s) {
    rendition.begin({});
    rendition.complete({Slice::copy_of(bytes_of("47"))}, duration, true, "state");
    outlet_.retry();
  }
  void sweep() {
    rendition.sweep();
    outlet_.retry();
  }
  bool waits() const { return outlet_.figures("live/x").waiting > 0; }

 private:
  Directory directory_;
  DirectoryOutlet outlet_;

 public:
  Rendition rendition;
};

void date_playlist(const TemporaryDirectory& place, Utc time) {
  std::filesystem::last_write_time(place.www() / "live/x/av.m3u8", std::chrono::file_clock::from_sys(time));
}

TEST_CASE("the directory forgets an ended stream once everything is written") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Directory directory = place.directory();
  DirectoryOutlet outlet(directory, clock, silent_log());
  outlet.put("live/x/av", "live/x/0.ts", {Slice::copy_of(bytes_of("47"))});
  outlet.publish("live/x/av", "live/x/av.m3u8", "#EXTM3U\n");
  outlet.retry();
  CHECK(outlet.figures("live/x/av").written == 2);
  outlet.close("live/x/av");
  outlet.retry();
  CHECK(outlet.figures("live/x/av").written == 0);
  CHECK(place.has("live/x/0.ts"));
}

TEST_CASE("a recreated rendition counts its changes from another number") {
  const TemporaryDirectory place;
  TurnedClock clock;
  std::uint64_t before = 0;
  {
    Run run(place, clock);
    run.add();
    before = run.rendition.revision();
  }
  clock.passed += 1ms;
  Run run(place, clock);
  run.add();
  CHECK(run.rendition.revision() != before);
}

TEST_CASE("waiting requests are answered when their rendition is removed") {
  struct Counter : Watcher {
    void changed() override { ++changes; }
    int changes = 0;
  };
  const TemporaryDirectory place;
  TurnedClock clock;
  const auto counter = std::make_shared<Counter>();
  {
    Run run(place, clock);
    run.rendition.watch(counter);
    run.add();
    CHECK(counter->changes == 1);
  }
  CHECK(counter->changes == 2);
}

TEST_CASE("segments leave the list at the window, and the disk when nobody can ask for them any more") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  for (int i = 0; i < 4; ++i) {
    clock.passed += 2s;
    run.add();
  }
  CHECK(run.rendition.playlist().media_sequence == 1);
  CHECK(run.rendition.playlist().segments.size() == 3);
  CHECK(place.has("live/x/0.ts"));
  // Its own two seconds plus the eight of the last playlist that named it.
  clock.passed += 9'900ms;
  run.sweep();
  CHECK(place.has("live/x/0.ts"));
  clock.passed += 200ms;
  run.sweep();
  CHECK_FALSE(place.has("live/x/0.ts"));
  CHECK(place.has("live/x/1.ts"));
}

TEST_CASE("a list never gets shorter than three target durations") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  for (int i = 0; i < 20; ++i) run.add(1s);
  CHECK(run.rendition.playlist().segments.size() == 6);
}

TEST_CASE("input faster than real time does not pile up files") {
  const TemporaryDirectory place;
  TurnedClock clock;  // stands still
  Run run(place, clock);
  for (int i = 0; i < 100; ++i) run.add();
  CHECK(place.directory().list("live/x").size() < 20);
}

TEST_CASE("the next run goes on with numbers, segments and state") {
  const TemporaryDirectory place;
  TurnedClock clock;
  {
    Run run(place, clock);
    for (int i = 0; i < 5; ++i) run.add();
    run.rendition.end();
  }
  CHECK(place.text("live/x/av.m3u8").ends_with("#EXT-X-ENDLIST\n"));
  // Set by the test's clock; the file's own date is the machine's.
  date_playlist(place, clock.utc());
  Run run(place, clock);
  CHECK(run.rendition.playlist().state == "state");
  CHECK(run.rendition.playlist().segments.size() == 3);
  run.add();
  CHECK(run.rendition.playlist().segments.back().uri == "5.ts");
  CHECK(run.rendition.playlist().media_sequence == 3);
  CHECK(place.text("live/x/av.m3u8").find("ENDLIST") == std::string::npos);
  // Files left by the previous run are removed, too.
  clock.passed += 1min;
  run.sweep();
  CHECK_FALSE(place.has("live/x/0.ts"));
}

TEST_CASE("of a playlist long past only the numbers are continued") {
  const TemporaryDirectory place;
  TurnedClock clock;
  {
    Run run(place, clock);
    for (int i = 0; i < 5; ++i) run.add();
  }
  date_playlist(place, clock.utc() - 1min);
  Run run(place, clock);
  CHECK(run.rendition.playlist().segments.empty());
  run.add();
  CHECK(run.rendition.playlist().media_sequence == 5);
}

TEST_CASE("segments that are not there, or not ours, are not listed again") {
  const TemporaryDirectory place;
  TurnedClock clock;
  {
    Run run(place, clock);
    for (int i = 0; i < 3; ++i) run.add();
  }
  date_playlist(place, clock.utc());
  place.put("live/x/1.ts", "");
  Run run(place, clock);
  CHECK(run.rendition.playlist().media_sequence == 2);
  CHECK(run.rendition.playlist().segments.size() == 1);
}

TEST_CASE("without a playlist the numbers continue after the existing files") {
  const TemporaryDirectory place;
  TurnedClock clock;
  place.put("live/x/41.ts", "old");
  place.put("live/x/.42.ts.tmp", "left over");
  Run run(place, clock);
  run.add();
  CHECK(place.has("live/x/42.ts"));
  CHECK_FALSE(place.has("live/x/.42.ts.tmp"));
}

TEST_CASE("garbage in place of the playlist begins a new one") {
  const TemporaryDirectory place;
  TurnedClock clock;
  place.put("live/x/av.m3u8", "garbage");
  Run run(place, clock);
  run.add();
  CHECK(place.text("live/x/av.m3u8").starts_with("#EXTM3U\n"));
}

TEST_CASE("a segment that cannot be written waits; the last good playlist stays until it is there") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  run.add();
  place.put("live/x/1.ts/in the way", "");
  run.add();
  CHECK(run.waits());
  CHECK(run.rendition.playlist().segments.size() == 2);
  CHECK(place.text("live/x/av.m3u8").find("\n1.ts") == std::string::npos);
  std::filesystem::remove_all(place.www() / "live/x/1.ts");
  run.sweep();
  CHECK_FALSE(run.waits());
  CHECK(place.text("live/x/1.ts") == "\x47");
  CHECK(place.text("live/x/av.m3u8").find("\n1.ts") != std::string::npos);
}

TEST_CASE("a segment that could not be written before it left the list is lost") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  place.put("live/x/0.ts/in the way", "");
  for (int i = 0; i < 3; ++i) run.add();
  CHECK_FALSE(place.has("live/x/av.m3u8"));
  run.add();
  CHECK_FALSE(run.waits());
  CHECK(run.rendition.figures().lost == 1);
  CHECK(place.text("live/x/av.m3u8").find("MEDIA-SEQUENCE:1\n") != std::string::npos);
}

TEST_CASE("in a list that keeps everything, unwritten segments are gaps") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock, {.type = PlaylistType::event, .window = 1});
  place.put("live/x/0.ts/in the way", "");
  for (int i = 0; i < 20; ++i) run.add();
  CHECK_FALSE(run.waits());
  CHECK(place.text("live/x/av.m3u8").find("#EXT-X-GAP\n#EXTINF:2.000,\n0.ts\n") != std::string::npos);
  CHECK(place.text("live/x/av.m3u8").find("MEDIA-SEQUENCE:0\n") != std::string::npos);
}

TEST_CASE("files stay as long as the playlist on disk names them") {
  const TemporaryDirectory place;
  TurnedClock clock;
  Run run(place, clock);
  for (int i = 0; i < 3; ++i) run.add();
  // From now on segments can be written, but the playlist cannot be replaced.
  std::filesystem::remove(place.www() / "live/x/av.m3u8");
  place.put("live/x/av.m3u8/in the way", "");
  for (int i = 0; i < 10; ++i) run.add();
  CHECK(run.waits());
  clock.passed += 1h;
  run.sweep();
  CHECK(place.has("live/x/0.ts"));
  std::filesystem::remove_all(place.www() / "live/x/av.m3u8");
  run.add();
  CHECK_FALSE(run.waits());
  clock.passed += 1h;
  run.sweep();
  CHECK_FALSE(place.has("live/x/0.ts"));
}

TEST_CASE("in memory: listed segments stay as long as they may be requested, and no longer") {
  TurnedClock clock;
  Rendition rendition({"live/x", "av", "", ".ts"}, {.window = 3, .in_memory = true}, {}, clock, silent_log());
  rendition.resume(2);
  rendition.set_target_duration(2);
  const auto add = [&] {
    rendition.begin({});
    rendition.complete({Slice::copy_of(bytes_of("47"))}, 2s, true, "");
  };
  for (int i = 0; i < 4; ++i) add();
  const std::uint64_t first = rendition.playlist().media_sequence;
  const auto name = [&](std::uint64_t number) { return std::to_string(number) + ".ts"; };
  CHECK(first > 1'000'000);  // from the clock: no number is reused after a restart
  CHECK(rendition.find(name(first - 1)) != nullptr);
  CHECK(rendition.find(name(first + 2)) != nullptr);
  clock.passed += 11s;
  rendition.sweep();
  CHECK(rendition.find(name(first - 1)) == nullptr);
  CHECK(rendition.find(name(first)) != nullptr);
}

TEST_CASE(
    "from memory: renditions of one ladder have the same numbers, on whatever side of a second they begin") {
  TurnedClock clock;
  std::uint64_t common = 0;
  for (int i = 0; i < 3; ++i) {
    Rendition rendition({"live/x", "av", "", ".ts"}, {.window = 3, .in_memory = true}, {}, clock,
                        silent_log());
    rendition.resume(2);
    rendition.set_target_duration(2);
    if (i == 0) common = rendition.playlist().media_sequence;
    rendition.start_at(common);
    CHECK(rendition.playlist().media_sequence == common);
    rendition.start_at(common + 1);  // from its audio rendition
    rendition.start_at(common);
    CHECK(rendition.playlist().media_sequence == common + 1);
    clock.passed += 2s;
  }
}

TEST_CASE("parts have the names that were hinted, and make up their segment") {
  TurnedClock clock;
  Rendition rendition({"live/x", "av", "", ".m4s"}, {.window = 3, .in_memory = true}, {}, clock,
                      silent_log());
  rendition.resume(2);
  rendition.set_target_duration(2);
  rendition.set_part_target(200ms);
  rendition.begin({});
  const std::string hint = rendition.playlist().hint;
  CHECK(rendition.find(hint) == nullptr);
  rendition.add_part(Slice::copy_of(bytes_of("01")), 200ms, true);
  REQUIRE(rendition.find(hint) != nullptr);
  CHECK(rendition.playlist().open->parts.front().uri == hint);
  rendition.add_part(Slice::copy_of(bytes_of("02")), 200ms, false);
  const std::uint64_t revision = rendition.revision();
  rendition.complete({}, 400ms, true, "");
  CHECK(rendition.revision() > revision);
  const StoredFile* segment = rendition.find(rendition.playlist().segments.front().uri);
  REQUIRE(segment != nullptr);
  CHECK(segment->content.size() == 2);
}

}  // namespace
}  // namespace srs::hls
