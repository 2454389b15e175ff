#include "srs-bench/hls/hls_playlist.h"

#include <doctest/doctest.h>

using namespace srs::bench;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view low_latency =
    "#EXTM3U\r\n"
    "#EXT-X-VERSION:9\r\n"
    "#EXT-X-TARGETDURATION:2\r\n"
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.603,HOLD-BACK=6.000\r\n"
    "#EXT-X-PART-INF:PART-TARGET=0.201\r\n"
    "#EXT-X-MEDIA-SEQUENCE:41\r\n"
    "#EXT-X-MAP:URI=\"init.mp4\"\r\n"
    "#EXTINF:2.000,\r\n"
    "41.m4s\r\n"
    "#EXT-X-PART:DURATION=0.201,URI=\"42.0.m4s?a=1,2\",INDEPENDENT=YES\r\n"
    "#EXT-X-PART:DURATION=0.199,URI=\"42.1.m4s\"\r\n"
    "#EXTINF:0.400,a title\r\n"
    "42.m4s\r\n"
    "#EXT-X-PART:DURATION=0.201,INDEPENDENT=YES,URI=\"43.0.m4s\"\r\n"
    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"43.1.m4s\"\r\n"
    "#EXT-X-RENDITION-REPORT:URI=\"../audio.m3u8\",LAST-MSN=43,LAST-PART=0\r\n";

}  // namespace

TEST_CASE("a low-latency playlist") {
  const auto read = parse_media_playlist(low_latency);
  REQUIRE(read.ok());
  CHECK(read->is_low_latency());
  CHECK_FALSE(read->ended);
  CHECK(read->target_duration == 2s);
  CHECK(read->part_target == 201ms);
  CHECK(read->hold_back == 6s);
  CHECK(read->part_hold_back == 603ms);
  CHECK(read->media_sequence == 41);
  CHECK(read->next_msn() == 43);
  REQUIRE(read->segments.size() == 2);
  CHECK(read->segments[0].part_count == 0);
  CHECK(read->segments[0].map == "init.mp4");
  CHECK(read->segments[1].uri == "42.m4s");
  CHECK(read->segments[1].start == 2s);
  CHECK(read->segments[1].duration == 400ms);
  CHECK(read->segments[1].part_count == 2);
  REQUIRE(read->parts.size() == 3);
  CHECK(read->parts[0].uri == "42.0.m4s?a=1,2");
  CHECK(read->parts[0].msn == 42);
  CHECK(read->parts[0].independent);
  CHECK(read->parts[1].start == 2201ms);
  CHECK(read->parts[1].index == 1);
  CHECK_FALSE(read->parts[1].independent);
  CHECK(read->new_part_count() == 1);
  CHECK(read->parts[2].msn == 43);
  CHECK(read->parts[2].index == 0);
  CHECK(read->hint == "43.1.m4s");
  CHECK(read->end == 2601ms);
}

TEST_CASE("a plain playlist holds back three target durations") {
  const auto read =
      parse_media_playlist("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:3.5,\na.ts\n#EXT-X-ENDLIST\n");
  REQUIRE(read.ok());
  CHECK_FALSE(read->is_low_latency());
  CHECK(read->ended);
  CHECK(read->hold_back == 12s);
  CHECK(read->next_msn() == 1);
  CHECK(read->end == 3500ms);
}

TEST_CASE("unplayable playlists are rejected") {
  for (const char* wrong : {"", "<html>", "#EXTM3U\n#EXTINF:1,\na.ts\n",
                            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-BYTERANGE:5@0\n#EXTINF:1,\na.ts\n",
                            "#EXTM3U\n#EXT-X-TARGETDURATION:nan\n", "#EXTM3U\n#EXT-X-TARGETDURATION:-1\n"})
    CHECK_FALSE(parse_media_playlist(wrong).ok());
  CHECK_FALSE(parse_multivariant("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n").ok());
}

TEST_CASE("variants and the renditions of their sound") {
  constexpr std::string_view text =
      "#EXTM3U\n"
      "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"s\",URI=\"s.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x, y\",DEFAULT=YES,URI=\"audio.m3u8\"\n"
      "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9,BANDWIDTH=100,CODECS=\"avc1,mp4a\",AUDIO=\"a\"\n"
      "\n"
      "low.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=200\n"
      "high.m3u8\n";
  CHECK(is_multivariant(text));
  CHECK_FALSE(is_multivariant(low_latency));
  const auto read = parse_multivariant(text);
  REQUIRE(read.ok());
  REQUIRE(read->variants.size() == 2);
  CHECK(read->variants[0].bandwidth == 100);
  CHECK(read->variants[0].uri == "low.m3u8");
  CHECK(read->variants[0].audio == "a");
  CHECK(read->variants[1].bandwidth == 200);
  REQUIRE(read->audio.size() == 1);
  CHECK(read->audio[0].uri == "audio.m3u8");
  CHECK(read->audio[0].is_default);
}

TEST_CASE("a revision is read once") {
  PlaylistCache cache;
  const auto first = cache.read(low_latency);
  REQUIRE(first);
  CHECK(cache.read(low_latency) == first);
  for (int i = 0; i < 20; ++i)
    CHECK(cache.read("#EXTM3U\n#EXT-X-TARGETDURATION:" + std::to_string(i + 1) + "\n")->target_duration ==
          std::chrono::seconds(i + 1));
  CHECK(cache.read("what?") == nullptr);
  CHECK(cache.read(low_latency)->next_msn() == first->next_msn());
}

TEST_CASE("where references lead") {
  const auto from = [](const char* uri) {
    auto target = resolve_reference("/live/cam/av.m3u8?token=a/b", uri, "h:80");
    return target ? *target : "error";
  };
  CHECK(from("1.ts") == "/live/cam/1.ts");
  CHECK(from("1.ts?x=http://y/") == "/live/cam/1.ts?x=http://y/");
  CHECK(from("../x/1.ts#f") == "/live/x/1.ts");
  CHECK(from("../../../../1.ts") == "/1.ts");
  CHECK(from("./1.ts") == "/live/cam/1.ts");
  CHECK(from("/1.ts") == "/1.ts");
  CHECK(from("?part=2") == "/live/cam/av.m3u8?part=2");
  CHECK(from("http://h:80/a/1.ts") == "/a/1.ts");
  CHECK(from("http://other/a/1.ts") == "error");
  CHECK(from("https://h:80/a/1.ts") == "error");
}

TEST_CASE("media sequence numbers over 2^31, 2^32 and 2^53") {
  for (const int bits : {31, 32, 53}) {
    CAPTURE(bits);
    const std::uint64_t first = (std::uint64_t{1} << bits) - 1;
    std::string text(low_latency);
    const std::string tag = "#EXT-X-MEDIA-SEQUENCE:";
    text.replace(text.find(tag) + tag.size(), 2, std::to_string(first));
    const auto read = parse_media_playlist(text);
    REQUIRE(read.ok());
    CHECK(read->media_sequence == first);
    CHECK(read->next_msn() == first + 2);
    CHECK(read->parts.front().msn == first + 1);
    CHECK(read->parts.back().msn == first + 2);
  }
}
