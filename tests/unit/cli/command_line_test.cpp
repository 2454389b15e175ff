#include "cli/command_line.h"

#include <doctest/doctest.h>

#include <vector>

using namespace srs;
using namespace std::chrono_literals;

namespace {

std::optional<int> parse(cli::CommandLine& command, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tool");
  return command.parse(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

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

TEST_CASE("a wrong option is a usage error, and so is a value that cannot be read") {
  cli::CommandLine command("tool", "does something");
  auto wait = 5000ms;
  cli::add_duration(command.app(), "--wait", wait, "how long");
  CHECK(parse(command, {"--wait", "2s"}) == std::nullopt);
  CHECK(wait == 2s);
  CHECK(parse(command, {"--wait", "soon"}) == cli::exit_usage);
  CHECK(parse(command, {"--no-such-option"}) == cli::exit_usage);
}
