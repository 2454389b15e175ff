#include "srs-hls/playlist.h"

#include <doctest/doctest.h>

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
    "x/7.ts\n"
    "#EXT-X-DISCONTINUITY\n"
    "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T08:00:02.125Z\n"
    "#EXTINF:1.040,\n"
    "x/8.ts\n"
    "#EXT-X-ENDLIST\n";

Playlist sample() {
  Playlist playlist;
  playlist.target_duration_s = 2;
  playlist.media_sequence = 7;
  playlist.discontinuity_sequence = 1;
  playlist.ended = true;
  playlist.state = "newest=5 muxer=1,2";
  const auto start = *parse_utc("2026-11-23T08:00:00.125Z");
  playlist.segments.push_back({"x/7.ts", milliseconds(2000), start, false, true});
  playlist.segments.push_back({"x/8.ts", milliseconds(1040), start + milliseconds(2000), true, true});
  return playlist;
}

TEST_CASE("a playlist's text, and back") {
  CHECK(format(sample()) == golden);
  const auto parsed = parse_playlist(golden);
  REQUIRE(parsed.ok());
  CHECK(format(*parsed) == golden);
  CHECK(parsed->next_sequence() == 9);
}

TEST_CASE("one segment that needs another one takes the promise away") {
  Playlist playlist = sample();
  playlist.segments[1].independent = false;
  CHECK(format(playlist).find("INDEPENDENT") == std::string::npos);
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

TEST_CASE("what is no playlist is an error, however it is broken") {
  CHECK_FALSE(parse_playlist("").ok());
  CHECK_FALSE(parse_playlist("<html>").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:0\n").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\nx.ts\n").ok());
  CHECK_FALSE(parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:nan,\nx.ts\n").ok());
  CHECK_FALSE(
      parse_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n").ok());
  for (std::size_t size = 0; size < golden.size(); ++size)
    if (const auto parsed = parse_playlist(golden.substr(0, size))) CHECK(parsed->segments.size() <= 2);
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
