#include "media/script_budget.h"

#include <doctest/doctest.h>

using srs::media::ScriptBudget;
using std::chrono::seconds;

TEST_CASE("scripts pass at their rate, however many come and however small they are") {
  ScriptBudget budget;
  const auto zero = ScriptBudget::Clock::now();
  std::size_t passed = 0;
  for (int i = 0; i < 1'000'000; ++i) passed += budget.take(0, zero);
  CHECK(passed == 16'384);
  CHECK_FALSE(budget.take(1'000, zero));
  CHECK(budget.take(100'000, zero + seconds(1)));
  CHECK_FALSE(budget.take(200'000, zero + seconds(1)));
  CHECK(budget.take(2'000'000, zero + seconds(3'600)));
}
