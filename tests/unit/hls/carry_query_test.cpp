#include "srs-hls/delivery/carry_query.h"

#include <doctest/doctest.h>

namespace srs::hls {
namespace {

TEST_CASE("every URI of a playlist carries what shows the right, and no other host gets it") {
  CHECK(carry_query("#EXTM3U\n#EXTINF:2,\na-1.m4s\n", "key=k") == "#EXTM3U\n#EXTINF:2,\na-1.m4s?key=k\n");
  CHECK(carry_query("#EXT-X-MAP:URI=\"init.mp4\"\nb.ts?start=1\n", "key=k&sig=s") ==
        "#EXT-X-MAP:URI=\"init.mp4?key=k&sig=s\"\nb.ts?start=1&key=k&sig=s\n");
  CHECK(carry_query("#EXT-X-PART:DURATION=0.2,URI=\"p.m4s\",INDEPENDENT=YES\n", "t=1") ==
        "#EXT-X-PART:DURATION=0.2,URI=\"p.m4s?t=1\",INDEPENDENT=YES\n");
  CHECK(carry_query("#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys.example.org/1\",IV=0x1\n", "t=1") ==
        "#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys.example.org/1\",IV=0x1\n");
  CHECK(carry_query("//other.example.org/a.ts\nhttp://other.example.org/b.ts", "t=1") ==
        "//other.example.org/a.ts\nhttp://other.example.org/b.ts");
  CHECK(carry_query("a.ts\n\n#\nb.ts", "t=1") == "a.ts?t=1\n\n#\nb.ts?t=1");
  CHECK(carry_query("a.ts\n", "") == "a.ts\n");
  CHECK(carry_query("#X:URI=\"unfinished", "t=1") == "#X:URI=\"unfinished?t=1");
  CHECK(carry_query("#X:URI=\"\"\n", "t=1") == "#X:URI=\"\"\n");
}

}  // namespace
}  // namespace srs::hls
