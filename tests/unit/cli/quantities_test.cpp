#include "cli/quantities.h"

#include <doctest/doctest.h>

using namespace srs;
using namespace std::chrono_literals;

TEST_CASE("durations are read with their unit, a bare number as seconds") {
  CHECK(*cli::parse_duration("350ms") == 350ms);
  CHECK(*cli::parse_duration("5s") == 5s);
  CHECK(*cli::parse_duration("1.5s") == 1500ms);
  CHECK(*cli::parse_duration("2m") == 2min);
  CHECK(*cli::parse_duration("1h") == 1h);
  CHECK(*cli::parse_duration("3") == 3s);
  for (const char* wrong : {"", "s", "5 s", "5x", "-1s", "1e30s", "nan", "5ss"})
    CHECK_FALSE(cli::parse_duration(wrong).ok());
}

TEST_CASE("a duration is printed as it is read") {
  for (const auto duration : {0ms, 350ms, 1500ms, 15'000ms, 60'000ms, 3'601'001ms, 999'999'999'999'999ms})
    CHECK(*cli::parse_duration(cli::format_duration(duration)) == duration);
}

TEST_CASE("sizes are powers of 1024") {
  CHECK(*cli::parse_size("100") == 100);
  CHECK(*cli::parse_size("64k") == 65'536);
  CHECK(*cli::parse_size("1.5M") == 1'572'864);
  CHECK(*cli::parse_size("2GiB") == 2'147'483'648);
  for (const char* wrong : {"", "k", "-1", "1Q", "1 M"}) CHECK_FALSE(cli::parse_size(wrong).ok());
}

TEST_CASE("amounts are printed as people write them") {
  CHECK(cli::format_duration(0ms) == "0s");
  CHECK(cli::format_duration(350ms) == "350ms");
  CHECK(cli::format_duration(1500ms) == "1.5s");
  CHECK(cli::format_duration(15s) == "15s");
  CHECK(cli::format_duration(60s) == "60s");
  CHECK(cli::format_duration(90s) == "90s");
  CHECK(cli::format_duration(5min) == "5m");
  CHECK(cli::format_duration(1h) == "1h");
  CHECK(cli::format_duration(36h) == "36h");
  CHECK(cli::format_size(0) == "0");
  CHECK(cli::format_size(1000) == "1000");
  CHECK(cli::format_size(64 << 10) == "64KiB");
  CHECK(cli::format_size(64 << 20) == "64MiB");
  CHECK(cli::format_size((1 << 20) + 1024) == "1025KiB");
  CHECK(cli::format_size(std::uint64_t{4} << 40) == "4096GiB");
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1023}, std::uint64_t{1} << 20, std::uint64_t{3} << 29})
    CHECK(*cli::parse_size(cli::format_size(size)) == size);
}
