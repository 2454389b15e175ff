#include "srs-hls/playlist/playlist.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

const std::string golden =
    "#EXTM3U\n"
    "#EXT-X-VERSION:3\n"
    "#EXT-X-TARGETDURATION:2\n"
    "#EXT-X-MEDIA-SEQUENCE:7\n"
    "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"
    "#EXT-X-INDEPENDENT-SEGMENTS\n"
    "# srs-hls newest=5 muxer=1,2\n"
    "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T08:00:00.125Z\n"
    "#EXTINF:2.000,\n"
    "7.ts\n"
    "#EXT-X-DISCONTINUITY\n"
    "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T08:00:02.125Z\n"
    "#EXTINF:1.040,\n"
    "8.ts\n"
    "#EXT-X-ENDLIST\n";

Segment segment(const char* uri, milliseconds duration, Utc time, bool discontinuity = false) {
  Segment segment;
  segment.uri = uri;
  segment.duration = duration;
  segment.program_date_time = time;
  segment.discontinuity = discontinuity;
  return segment;
}

Playlist sample() {
  Playlist playlist;
  playlist.target_duration_s = 2;
  playlist.media_sequence = 7;
  playlist.discontinuity_sequence = 1;
  playlist.ended = true;
  playlist.state = "newest=5 muxer=1,2";
  const auto start = *parse_utc("2026-11-23T08:00:00.125Z");
  playlist.segments.push_back(segment("7.ts", milliseconds(2000), start));
  playlist.segments.push_back(segment("8.ts", milliseconds(1040), start + milliseconds(2000), true));
  return playlist;
}

TEST_CASE("a playlist's text, and back") {
  CHECK(format(sample(), {.state = true}) == golden);
  const auto parsed = parse_playlist(golden);
  REQUIRE(parsed.ok());
  CHECK(format(*parsed, {.state = true}) == golden);
  CHECK(parsed->next_sequence() == 9);
}

TEST_CASE("numbers over 2^31, 2^32 and 2^53 are written, counted on and read") {
  for (const int bits : {31, 32, 53}) {
    CAPTURE(bits);
    Playlist playlist = sample();
    const std::uint64_t bound = std::uint64_t{1} << bits;
    playlist.media_sequence = bound - 1;
    playlist.discontinuity_sequence = bound - 1;
    playlist.segments[0].discontinuity = true;
    CHECK(playlist.next_sequence() == bound + 1);
    CHECK(format(playlist, {.first = 1}).find(fmt::format("#EXT-X-MEDIA-SEQUENCE:{}\n", bound)) !=
          std::string::npos);
    CHECK(format(playlist, {.first = 1}).find(fmt::format("#EXT-X-DISCONTINUITY-SEQUENCE:{}\n", bound)) !=
          std::string::npos);
    playlist.drop_first();
    const auto parsed = parse_playlist(format(playlist, {.state = true}));
    REQUIRE(parsed.ok());
    CHECK(parsed->media_sequence == bound);
    CHECK(parsed->discontinuity_sequence == bound);
    CHECK(parsed->next_sequence() == bound + 1);
  }
}

TEST_CASE("one dependent segment removes EXT-X-INDEPENDENT-SEGMENTS") {
  Playlist playlist = sample();
  playlist.segments[1].independent = false;
  CHECK(format(playlist, {}).find("INDEPENDENT") == std::string::npos);
}

TEST_CASE("segments that leave are counted, and so are their discontinuities") {
  Playlist playlist = sample();
  playlist.drop_first();
  CHECK(playlist.media_sequence == 8);
  CHECK(playlist.discontinuity_sequence == 1);
  playlist.drop_first();
  CHECK(playlist.media_sequence == 9);
  CHECK(playlist.discontinuity_sequence == 2);
}

TEST_CASE("an invalid playlist is an error, however it is broken") {
  CHECK_FALSE(parse_playlist("").ok());
  CHECK_FALSE(parse_playlist("<html>").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:0\n").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\nx.ts\n").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:nan,\nx.ts\n").ok());
  for (const std::string map : {"", "\"", "i.mp4"})
    CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"" + map + "\n").ok());
  CHECK_FALSE(
      parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n").ok());
  for (std::size_t size = 0; size < golden.size(); ++size)
    if (const auto parsed = parse_playlist(golden.substr(0, size))) CHECK(parsed->segments.size() <= 2);
}

TEST_CASE("the longest accepted segment can be written and read again") {
  const auto parsed = parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:86400\n#EXTINF:86399.9999,\nx.ts\n");
  REQUIRE(parsed.ok());
  CHECK(parsed->duration() == std::chrono::hours(24));
  CHECK(parse_playlist(format(*parsed, {})).ok());
}

TEST_CASE("a later view counts what it leaves out") {
  const std::string text = format(sample(), {.first = 1, .from_start = true});
  CHECK(text.find("#EXT-X-MEDIA-SEQUENCE:8\n") != std::string::npos);
  CHECK(text.find("#EXT-X-DISCONTINUITY-SEQUENCE:1\n") != std::string::npos);
  CHECK(text.find("#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n") != std::string::npos);
  CHECK(text.find("7.ts") == std::string::npos);
}

TEST_CASE("maps and keys are listed where they change, the map outside of the encryption") {
  Playlist playlist = sample();
  for (Segment& one : playlist.segments) one.map = "init-1.mp4", one.key = "METHOD=AES-128,URI=\"k1\"";
  playlist.segments.push_back(playlist.segments.back());
  playlist.segments.back().map = "init-2.mp4";
  playlist.segments.back().key = "METHOD=AES-128,URI=\"k2\"";
  const std::string text = format(playlist, {});
  const auto at = [&](const char* what, std::size_t from = 0) { return text.find(what, from); };
  CHECK(at("#EXT-X-VERSION:6\n") != std::string::npos);
  CHECK(at("#EXT-X-MAP:URI=\"init-1.mp4\"") < at("#EXT-X-KEY:METHOD=AES-128,URI=\"k1\""));
  CHECK(at("k1", at("k1") + 1) == std::string::npos);
  CHECK(at("#EXT-X-KEY:METHOD=NONE") < at("init-2.mp4"));
  CHECK(at("init-2.mp4") < at("k2"));
  const auto parsed = parse_playlist(text);
  REQUIRE(parsed.ok());
  CHECK(format(*parsed, {}) == text);
}

// Twenty segments of 2 s with two parts each, and one part of the next.
Playlist low_latency_sample() {
  Playlist playlist;
  playlist.target_duration_s = 2;
  playlist.media_sequence = 10;
  playlist.part_target = milliseconds(1000);
  const auto start = *parse_utc("2026-11-23T08:00:00.000Z");
  for (int i = 0; i < 20; ++i) {
    playlist.segments.push_back(segment("s.m4s", milliseconds(2000), start + milliseconds(2000 * i)));
    playlist.segments.back().uri = std::to_string(10 + i) + ".m4s";
    for (int part = 0; part < 2; ++part)
      playlist.segments.back().parts.push_back(
          {"part-" + std::to_string(2 * i + part) + ".m4s", milliseconds(1000), part == 0});
  }
  playlist.open = segment("30.m4s", milliseconds(0), start + milliseconds(40'000));
  playlist.open->parts.push_back({"part-40.m4s", milliseconds(1000), true});
  playlist.hint = "part-41.m4s";
  return playlist;
}

TEST_CASE("Low-Latency: control, parts of the last three target durations, the hint") {
  const std::string text =
      format(low_latency_sample(), {.parts = true, .reports = "#EXT-X-RENDITION-REPORT:x\n"});
  const auto has = [&](const char* what) { return text.find(what) != std::string::npos; };
  CHECK(
      has("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000,HOLD-BACK=6.000,PART-HOLD-BACK=3."
          "000\n"));
  CHECK(has("#EXT-X-PART-INF:PART-TARGET=1.000\n"));
  CHECK(has("#EXT-X-PART:DURATION=1.000,URI=\"part-38.m4s\",INDEPENDENT=YES\n"));
  CHECK(has("part-34.m4s"));
  CHECK_FALSE(has("part-33.m4s"));
  CHECK(
      text.ends_with("#EXT-X-PROGRAM-DATE-TIME:2026-11-23T08:00:40.000Z\n"
                     "#EXT-X-PART:DURATION=1.000,URI=\"part-40.m4s\",INDEPENDENT=YES\n"
                     "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part-41.m4s\"\n#EXT-X-RENDITION-REPORT:x\n"));
}

TEST_CASE("a delta update is the full playlist with its old segments left out") {
  const std::string full = format(low_latency_sample(), {.parts = true});
  std::string delta = format(low_latency_sample(), {.parts = true, .skip = true});
  const auto skip = delta.find("#EXT-X-SKIP:SKIPPED-SEGMENTS=14\n");
  REQUIRE(skip != std::string::npos);
  const auto rest = delta.find('\n', skip) + 1;
  CHECK(full.starts_with(delta.substr(0, skip)));
  CHECK(full.ends_with(delta.substr(rest)));
  CHECK(delta.substr(rest).find("\n24.m4s\n") != std::string::npos);
  CHECK(delta.find("\n23.m4s\n") == std::string::npos);
}

TEST_CASE("UTC, to the millisecond") {
  CHECK(format_utc(*parse_utc("2028-02-29T23:59:59.999Z")) == "2028-02-29T23:59:59.999Z");
  for (const char* wrong :
       {"", "2026-13-01T00:00:00.000Z", "2027-02-29T00:00:00.000Z", "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:00:00.000+", "9999-01-01T00:00:00.000Z"})
    CHECK_FALSE(parse_utc(wrong).ok());
}

}  // namespace
}  // namespace srs::hls
