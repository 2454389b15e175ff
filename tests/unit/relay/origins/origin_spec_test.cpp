#include "srs-relay/origins/origin_spec.h"

#include <doctest/doctest.h>

using namespace srs;
using namespace srs::relay;

TEST_CASE("the stream's URL at an origin") {
  CHECK(parse_origin("rtmp://o:1936")->url_of("live/x").display() == "rtmp://o:1936/live/x");
  CHECK(parse_origin("http://o:8080/")->url_of("live/x").display() == "http://o:8080/live/x.flv");
  CHECK(parse_origin("http://o/base")->url_of("live/x").path == "/base/live/x.flv");
  CHECK(parse_origin("http://o/{path}/a.flv")->url_of("live/x").path == "/live/x/a.flv");
  CHECK(parse_origin("rtmp://o/app?token=1")->url_of("live/x").query == "token=1");
}

TEST_CASE("weight and metrics") {
  const auto origin = parse_origin("rtmp://o;weight=3;metrics=http://o:9090/metrics");
  REQUIRE(origin);
  CHECK(origin->weight == 3);
  CHECK(origin->metrics_url == "http://o:9090/metrics");
  CHECK(parse_origin("rtmp://o")->weight == 1);
}

TEST_CASE("what is no origin is refused, with words") {
  for (const char* text : {"", "o:1935", "ftp://o", "rtmp://", "rtmp://o;weight=0", "rtmp://o;weight=x",
                           "rtmp://o;weight=", "rtmp://o;weight=1001", "rtmp://o;colour=red", "rtmp://o;",
                           "rtmp://o;metrics=ftp://x"}) {
    CAPTURE(text);
    const auto origin = parse_origin(text);
    REQUIRE_FALSE(origin);
    CHECK_FALSE(origin.error().message.empty());
  }
}

TEST_CASE("a file has an origin a line, comments and empty lines aside") {
  const auto origins = parse_origins("# ours\nrtmp://a\r\n\n  http://b;weight=2  \n");
  REQUIRE(origins);
  REQUIRE(origins->size() == 2);
  CHECK((*origins)[1].weight == 2);
  const auto broken = parse_origins("rtmp://a\nnonsense\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find("line 2") != std::string::npos);
  CHECK(parse_origins("")->empty());
}
