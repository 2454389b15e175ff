#include "media/script_budget.h"

#include <doctest/doctest.h>

using srs::media::ScriptBudget;
using std::chrono::seconds;

TEST_CASE("scripts pass at their rate, however many come and however small they are") {
  ScriptBudget budget;
  const auto zero = ScriptBudget::Clock::now();
  std::size_t passed = 0;
  for (int i = 0; i < 1'000'000; ++i) passed += budget.consume(0, zero);
  CHECK(passed == 16'384);
  CHECK_FALSE(budget.consume(1'000, zero));
  CHECK(budget.consume(100'000, zero + seconds(1)));
  CHECK_FALSE(budget.consume(200'000, zero + seconds(1)));
  CHECK(budget.consume(2'000'000, zero + seconds(3'600)));
}

TEST_CASE("after 25 and 50 days, and after years, scripts pass at the same rate") {
  for (const std::int64_t uptime_ms : {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 38}) {
    ScriptBudget budget;
    const auto begin = ScriptBudget::Clock::time_point(std::chrono::milliseconds(uptime_ms - 1'500));
    CHECK(budget.consume(2'000'000, begin));
    std::size_t passed = 0;
    for (int ms = 0; ms < 4'000; ++ms)
      passed += budget.consume(1'024 - 128, begin + std::chrono::milliseconds(ms)) ? 1'024 : 0;
    CHECK(passed >= 4 * 256 * 1'024);
    CHECK(passed <= 4 * 256 * 1'024 + 100'000);
    // Silent for so long, and still no more than the most at once.
    const auto later = begin + std::chrono::milliseconds(uptime_ms);
    CHECK_FALSE(budget.consume(2 * 1'024 * 1'024, later));
    CHECK(budget.consume(2 * 1'024 * 1'024 - 128, later));
  }
}
