#include "srs-hls/delivery/time_shift.h"

#include <doctest/doctest.h>

#include "srs-hls/delivery/gzip.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

const Utc now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 8h;

std::optional<Utc> start_of(std::string_view query) {
  const auto read = parse_start(query, now);
  REQUIRE(read);
  return *read;
}

TEST_CASE("start is a time, or seconds back from now") {
  CHECK(!start_of(""));
  CHECK(!start_of("token=1"));
  CHECK(start_of("start=-60") == now - 60s);
  CHECK(start_of("start=60") == now - 60s);
  CHECK(start_of("a=b&start=2026-11-23T07:30:00Z") == now - 30min);
  CHECK(start_of("start=2026-11-23T07%3A30%3A00Z") == now - 30min);
  CHECK(start_of("start=2026-11-23T08:30:00%2B01:00") == now - 30min);
}

TEST_CASE("start: limits of its values") {
  CHECK(start_of("start=0") == now);
  CHECK(start_of("start=-0") == now);
  CHECK(start_of("start=2026-11-23T07:30:00.250Z") == now - 30min + 250ms);
  CHECK(start_of("start=2026-11-23T08:30:00+01:00") == now - 30min);
  // A future time means the newest segment.
  CHECK(start_of("start=2030-01-01T00:00:00Z") > now);
  CHECK(start_of("START=60") == std::nullopt);
  CHECK(start_of("restart=60") == std::nullopt);
}

TEST_CASE("an invalid time is rejected with advice") {
  for (const char* query : {"start=x", "start=2026-11-23T99:00:00Z", "start=2026-13-01T00:00:00Z",
                            "start=999999999999999999999"}) {
    CAPTURE(std::string(query));
    const auto read = parse_start(query, now);
    REQUIRE(!read);
    CHECK(read.error().message.find("start") != std::string::npos);
  }
}

TEST_CASE("which segment plays at a time") {
  Playlist list;
  for (int i = 0; i < 5; ++i) list.segments.push_back({.duration = 2s, .program_date_time = now + i * 2s});
  CHECK(first_segment_at(list, now - 1h) == 0);
  CHECK(first_segment_at(list, now) == 0);
  CHECK(first_segment_at(list, now + 1999ms) == 0);
  CHECK(first_segment_at(list, now + 2s) == 1);
  CHECK(first_segment_at(list, now + 9s) == 4);
  CHECK(first_segment_at(list, now + 1h) == 4);
}

TEST_CASE("which clients accept gzip") {
  for (const char* field :
       {"gzip", "gzip, deflate, br", "deflate, gzip;q=0.5", "GZIP", "*", "br;q=1.0,gzip;q=0.001"}) {
    CAPTURE(std::string(field));
    CHECK(accepts_gzip(field));
  }
  for (const char* field :
       {"", "deflate", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "notgzip", "gzipped"}) {
    CAPTURE(std::string(field));
    CHECK(!accepts_gzip(field));
  }
}

}  // namespace
}  // namespace srs::hls
