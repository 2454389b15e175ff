// Streams that begin, end and come back: how many may exist, what is kept of them, and how long.
#include "srs-hls/streams/streams.h"

#include <doctest/doctest.h>

#include "srs-hls/outlets/directory_outlet.h"
#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

class Fixture {
 public:
  explicit Fixture(StreamSettings settings = {}) : settings_(std::move(settings)) {
    settings_.presentation.rendition.in_memory = true;
    streams.emplace(settings_, "", Places{&directory_, {&outlet_}}, Streams::Directories{}, clock,
                    silent_log());
  }

  void begin(pipe::ChannelId channel, const std::string& path, const std::string& timeline = "") {
    streams->on_begin(channel, {.path = path, .origin = "test", .via = "", .timeline = timeline});
    streams->on_message(channel, video_header());
  }
  // Plays this time span: 25 pictures per second; advances the clock.
  void play(pipe::ChannelId channel, std::int64_t from_ms, std::int64_t to_ms, std::size_t size = 4) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40) {
      std::vector<std::uint8_t> bytes = bytes_of(at % 1'000 == 0 ? "17 01 000000" : "27 01 000000");
      for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
      bytes.push_back(at % 1'000 == 0 ? 0x65 : 0x41);
      bytes.resize(bytes.size() + size - 1, 0x9a);
      streams->on_message(channel, media::make_message(flv::TagType::video, at, Slice::copy_of(bytes)));
      clock.passed += 40ms;
    }
  }
  void pass(std::chrono::milliseconds time) {
    for (clock.passed += time; time > 0ms; time -= 10s) streams->sweep();
  }
  const Playlist& list(const std::string& path) { return streams->presentation(path)->main().playlist(); }
  bool is_packaged(const std::string& path) { return streams->presentation(path) != nullptr; }

  TemporaryDirectory place;
  TurnedClock clock;

 private:
  Directory directory_ = place.directory();
  DirectoryOutlet outlet_{directory_, clock, silent_log()};
  StreamSettings settings_;

 public:
  std::optional<Streams> streams;
};

TEST_CASE("streams beyond --max-streams are not packaged, and one is when another has ended") {
  Fixture f({.limits = {.streams = 2}});
  for (pipe::ChannelId channel = 1; channel <= 4; ++channel)
    f.begin(channel, "live/" + std::to_string(channel));
  CHECK(f.streams->open() == 2);
  CHECK(f.streams->refused() == 2);
  CHECK_FALSE(f.is_packaged("live/3"));
  f.play(3, 0, 4'000);  // has no effect
  f.streams->on_end(1, media::EndReason::ended);
  f.begin(5, "live/5");
  CHECK(f.is_packaged("live/5"));
}

TEST_CASE("the files of an ended stream are removed after a while, with empty folders") {
  Fixture f;
  f.place.put("live/mine.txt", "somebody else's");
  f.begin(1, "live/a/b/x");
  f.play(1, 0, 6'000);
  f.streams->on_end(1, media::EndReason::ended);
  REQUIRE(f.place.has("live/a/b/x.m3u8"));
  REQUIRE(f.place.has("live/a/b/x/av.m3u8"));
  f.pass(4min);
  CHECK(f.place.has("live/a/b/x/av.m3u8"));
  f.pass(2min);
  f.pass(1s);
  CHECK_FALSE(f.place.has("live/a"));
  CHECK(f.place.has("live/mine.txt"));
  CHECK_FALSE(f.is_packaged("live/a/b/x"));
}

TEST_CASE("foreign files beside those of a stream stay, and links are not followed") {
  Fixture f;
  f.place.put("elsewhere/kept.ts", "kept");
  f.begin(1, "live/x");
  f.play(1, 0, 6'000);
  f.place.put("live/x/note.txt", "somebody else's");
  f.streams->on_end(1, media::EndReason::ended);
  std::filesystem::rename(f.place.www() / "live", f.place.www() / "moved");
  std::filesystem::create_directory_symlink(f.place.www() / "moved", f.place.www() / "live");
  f.pass(6min);
  f.pass(1s);
  CHECK(f.place.has("moved/x/note.txt"));
  CHECK(f.place.has("moved/x/0.ts"));
  CHECK(f.place.has("elsewhere/kept.ts"));
}

TEST_CASE("a stream that comes back in time goes on with its list") {
  Fixture f;
  f.begin(1, "live/x");
  f.play(1, 0, 6'000);
  f.streams->on_end(1, media::EndReason::ended);
  const std::uint64_t next = f.list("live/x").next_sequence();
  f.pass(3min);
  f.begin(2, "live/x");
  f.play(2, 0, 6'000);
  CHECK(f.list("live/x").media_sequence >= next);
  f.pass(10min);
  CHECK(f.is_packaged("live/x"));
}

TEST_CASE("a stream that comes back when its files are gone has other numbers than before") {
  Fixture f;
  f.begin(1, "live/x");
  f.play(1, 0, 6'000);
  f.streams->on_end(1, media::EndReason::ended);
  const std::uint64_t next = f.list("live/x").next_sequence();
  f.pass(6min);
  f.pass(1s);
  REQUIRE_FALSE(f.is_packaged("live/x"));
  f.begin(2, "live/x");
  f.play(2, 0, 6'000);
  CHECK(f.list("live/x").media_sequence == next);
}

TEST_CASE("--event keeps its files") {
  Fixture f({.presentation = {.rendition = {.type = PlaylistType::event}}});
  f.begin(1, "live/x");
  f.play(1, 0, 6'000);
  f.streams->on_end(1, media::EndReason::ended);
  f.pass(1h);
  f.pass(1s);
  CHECK(f.place.has("live/x/av.m3u8"));
  CHECK(f.place.has("live/x.m3u8"));
  CHECK(f.place.has("live/x/0.ts"));
}

TEST_CASE("endless names leave a bounded number of files, and another stream keeps its own") {
  Fixture f({.limits = {.streams = 20}});
  f.begin(1, "live/honest");
  f.play(1, 0, 6'000);
  for (int i = 0; i < 500; ++i) {
    const std::string path = "flood/" + std::to_string(i) + "/a/b";
    f.begin(2, path);
    f.play(2, 0, 80);
    f.streams->on_end(2, media::EndReason::ended);
  }
  f.streams->sweep();
  CHECK(f.place.directory().list("flood").size() <= 22);
  CHECK(f.place.has("live/honest/0.ts"));
  f.play(1, 6'000, 8'000);
  CHECK(f.list("live/honest").segments.size() >= 3);
}

TEST_CASE("a stream that was lost goes on when it comes back, behind a discontinuity") {
  for (const bool same_timeline : {false, true}) {
    CAPTURE(same_timeline);
    Fixture f;
    f.begin(1, "live/x", "one");
    f.play(1, 0, 6'000);
    f.streams->on_end(1, media::EndReason::lost);
    CHECK_FALSE(f.list("live/x").ended);
    const std::uint64_t next = f.list("live/x").next_sequence();
    // Timestamps continue by chance, or because the timeline is the same.
    f.begin(7, "live/x", same_timeline ? "one" : "another");
    f.play(7, 6'000, 10'000);
    REQUIRE(f.list("live/x").next_sequence() > next);
    const Segment& back = f.list("live/x").segments[next - f.list("live/x").media_sequence];
    CHECK(back.discontinuity == !same_timeline);
  }
}

TEST_CASE("above --max-memory the largest streams lose segments, the others nothing") {
  StreamSettings settings;
  settings.limits.memory_bytes = 64u << 20;
  settings.presentation.rendition.bytes_max = 1u << 30;
  Fixture f(settings);
  f.begin(1, "live/honest");
  f.begin(2, "live/large");
  std::uint64_t most = 0;
  for (std::int64_t at = 0; at < 30'000; at += 1'000) {
    f.play(1, at, at + 1'000, 1'000);
    f.play(2, at, at + 1'000, 300'000);  // 7.5 MB a second
    most = std::max(most, f.streams->memory_bytes());
  }
  CHECK(most < (64u << 20) + (20u << 20));
  CHECK(f.list("live/honest").segments.size() >= 6);
  // Segments that recently left the list are still available.
  const std::uint64_t first = f.list("live/honest").media_sequence;
  CHECK(f.streams->presentation("live/honest")->main().find(std::to_string(first - 1) + ".ts") != nullptr);
}

TEST_CASE("names that would be another stream's files are refused") {
  CHECK(file_name_error("live/x").empty());
  CHECK(file_name_error("live/x.y").empty());
  CHECK_FALSE(file_name_error("live/x.m3u8/y").empty());
  CHECK_FALSE(file_name_error("live/x/1.ts").empty());
  CHECK_FALSE(file_name_error("live/" + std::string(231, 'x')).empty());
}

}  // namespace
}  // namespace srs::hls
