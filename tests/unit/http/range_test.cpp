#include "http/range.h"

#include <doctest/doctest.h>

#include <string>

namespace srs::http {
namespace {

void check_part(std::string_view field, std::uint64_t size, std::uint64_t first, std::uint64_t length) {
  CAPTURE(field);
  const RangeRequest range = parse_range(field, size);
  CHECK(range.kind == RangeRequest::part);
  CHECK(range.first == first);
  CHECK(range.size_bytes == length);
}

TEST_CASE("ranges") {
  check_part("bytes=0-0", 10, 0, 1);
  check_part("bytes=0-9", 10, 0, 10);
  check_part("bytes=9-9", 10, 9, 1);
  check_part("bytes=3-", 10, 3, 7);
  check_part("bytes=3-1000", 10, 3, 7);
  check_part("bytes=-1", 10, 9, 1);
  check_part("bytes=-1000", 10, 0, 10);
  check_part("bytes=0-99999999999999999999999999", 10, 0, 10);
  check_part("bytes=-99999999999999999999999999", 10, 0, 10);
  check_part("bytes=1-18446744073709551615", 10, 1, 9);
}

TEST_CASE("ranges over 2^31, 2^32 and 2^53 bytes") {
  for (const int bits : {31, 32, 53}) {
    const std::uint64_t bound = std::uint64_t{1} << bits, size = bound + 100;
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    check_part("bytes=" + text(bound - 10) + "-" + text(bound + 9), size, bound - 10, 20);
    check_part("bytes=" + text(bound) + "-", size, bound, 100);
    check_part("bytes=0-", size, 0, size);
    check_part("bytes=-" + text(bound + 1), size, 99, bound + 1);
    check_part("bytes=" + text(bound + 99) + "-" + text(2 * bound), size, bound + 99, 1);
    CHECK(parse_range("bytes=" + text(size) + "-", size).kind == RangeRequest::unsatisfiable);
    CHECK(parse_range("bytes=" + text(bound + 5) + "-5", size).kind == RangeRequest::whole);
  }
}

TEST_CASE("ranges that no byte satisfies") {
  for (const char* field : {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999999-"}) {
    CAPTURE(field);
    CHECK(parse_range(field, 10).kind == RangeRequest::unsatisfiable);
  }
  CHECK(parse_range("bytes=0-", 0).kind == RangeRequest::unsatisfiable);
  CHECK(parse_range("bytes=-1", 0).kind == RangeRequest::unsatisfiable);
}

TEST_CASE("ranges that are none are ignored") {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=a-b", "bytes=1-2,4-5", "bytes=--1",
        "bytes=1--2", "bytes=+1-2", "bytes= 1-2", "items=0-1", "bytes=1", "bytes=0x1-2"}) {
    CAPTURE(field);
    CHECK(parse_range(field, 10).kind == RangeRequest::whole);
  }
}

}  // namespace
}  // namespace srs::http
