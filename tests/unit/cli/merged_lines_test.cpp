#include "cli/merged_lines.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace srs;
using namespace std::chrono_literals;
using cli::MergedLines;

namespace {

struct Fixture {
  MergedLines::Clock::time_point now{};
  MergedLines lines{[this] { return now; }};

  // The line written at once; empty: none.
  std::string say(const cli::Cause& cause, const std::string& text) {
    if (!lines.count(cause)) return {};
    const auto line = lines.add(cause, {cli::LogLevel::warning, text});
    return line ? line->text : "";
  }
  std::vector<std::string> due() {
    std::vector<std::string> texts;
    for (const auto& line : lines.pop_due()) texts.push_back(line.text);
    return texts;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the first line of a cause is said at once, those that follow become one") {
  CHECK(say({"absent", "a:1"}, "x: no such stream") == "x: no such stream");
  for (int i = 0; i < 4'212; ++i)
    CHECK(say({"absent", "b:" + std::to_string(i)}, "y: no such stream").empty());
  CHECK(due() == Texts{});
  now += 10s;
  CHECK(due() == Texts{"y: no such stream (and 4,211 more in 10 s; last from b:4211)"});
  now += 10s;
  CHECK(due() == Texts{});
  CHECK(say({"absent", "c:1"}, "z: no such stream") == "z: no such stream");
}

TEST_CASE_FIXTURE(Fixture, "a single line that was held back is said as it is") {
  say({"absent", "a:1"}, "first");
  CHECK(say({"absent", "a:2"}, "second").empty());
  now += 10s;
  CHECK(due() == Texts{"second"});
}

TEST_CASE_FIXTURE(Fixture, "a flood that lasts is one line in ten seconds") {
  say({"absent", ""}, "first");
  std::size_t said = 0;
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 100; ++i) CHECK(say({"absent", ""}, "next").empty());
    now += 1s;
    said += due().size();
  }
  CHECK(said == 6);
}

TEST_CASE_FIXTURE(Fixture, "causes do not wait for each other") {
  CHECK(say({"absent", ""}, "one") == "one");
  CHECK(say({"stalled", ""}, "two") == "two");
  CHECK(say({"absent", ""}, "three").empty());
  CHECK(lines.pop_all().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "causes, their names and their lines are bounded") {
  for (std::size_t i = 0; i < MergedLines::max_causes; ++i)
    CHECK(say({std::to_string(i), ""}, "new") == "new");
  CHECK(say({"one more", ""}, "other") == "other");
  CHECK(say({"yet another", ""}, "other").empty());
  const std::string huge(1 << 20, 'a');
  CHECK(say({"0", huge}, huge).empty());
  CHECK(say({"0", huge}, huge).empty());
  for (const auto& line : lines.pop_all()) CHECK(line.text.size() < 2 * cli::max_line_bytes);
}

TEST_CASE_FIXTURE(Fixture, "what waits says when it is due") {
  CHECK(lines.next_due() == std::nullopt);
  say({"absent", ""}, "one");
  CHECK(lines.next_due() == std::nullopt);
  now += 4s;
  say({"absent", ""}, "two");
  CHECK(lines.next_due() == MergedLines::Clock::time_point(10s));
}

TEST_CASE("threads lose no line") {
  MergedLines lines;
  std::atomic<std::uint64_t> said = 0;
  const auto shout = [&] {
    for (int i = 0; i < 10'000; ++i)
      if (lines.count({"cause", ""}) && lines.add({"cause", ""}, {cli::LogLevel::info, "line"})) ++said;
  };
  std::thread other(shout);
  shout();
  other.join();
  CHECK(said == 1);
  const auto rest = lines.pop_all();
  REQUIRE(rest.size() == 1);
  CHECK(rest.front().text == "line (and 19,998 more in 10 s)");
}

TEST_CASE_FIXTURE(Fixture, "a crowd is said line by line, a flood is summed up until it is over") {
  const cli::Cause begins{"streams that begin", {}, 3};
  for (int window = 0; window < 2; ++window) {
    for (int i = 0; i < 3; ++i) CHECK(say(begins, "begins") == "begins");
    now += 10s;
    CHECK(due() == Texts{});
  }
  for (int i = 0; i < 3; ++i) CHECK(say(begins, "begins") == "begins");
  for (int window = 0; window < 3; ++window) {
    for (int i = 0; i < 5; ++i) CHECK(say(begins, "begins").empty());
    now += 10s;
    CHECK(due() == Texts{"begins (and 4 more in 10 s)"});
  }
  now += 10s;
  CHECK(due() == Texts{});
  for (int i = 0; i < 3; ++i) CHECK(say(begins, "begins") == "begins");
}

TEST_CASE_FIXTURE(Fixture, "after 25 and 50 days, also of silence, windows are ten seconds") {
  for (const std::int64_t uptime_ms : {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 38}) {
    now = MergedLines::Clock::time_point(std::chrono::milliseconds(uptime_ms - 5'000));
    CHECK(say({"a cause", ""}, "one") == "one");
    CHECK(say({"a cause", ""}, "two").empty());
    CHECK(lines.next_due() == now + 10s);
    now += 9s;
    CHECK(due().empty());
    now += 2s;
    CHECK(due() == Texts{"two"});
    now += std::chrono::milliseconds(uptime_ms);
    CHECK(due().empty());
    CHECK(say({"a cause", ""}, "three") == "three");
    now += 20s;
    CHECK(due().empty());
  }
}
