#include "gate/guesses.h"

#include <doctest/doctest.h>

#include "gate/http.h"
#include "gate/refusal_budget.h"

namespace srs::gate {
namespace {

using namespace std::chrono_literals;

TEST_CASE("refusals over HTTP") {
  const auto unknown = refusal_response({access::Refusal::Kind::unknown, "why"});
  CHECK(unknown.status == 401);
  CHECK(unknown.headers.find("WWW-Authenticate") != nullptr);
  CHECK(unknown.body.find("why") == std::string::npos);
  CHECK(refusal_response({access::Refusal::Kind::forbidden, ""}).status == 403);
  CHECK(refusal_response({access::Refusal::Kind::too_many, ""}).status == 429);
  CHECK(refusal_response({access::Refusal::Kind::unavailable, ""}).headers.find("Retry-After") != nullptr);
}

TEST_CASE("guessing is slowed down, and forgiven") {
  Guesses guesses;
  const auto address = asio::ip::make_address("192.0.2.7"), other = asio::ip::make_address("192.0.2.8");
  const Clock::TimePoint start = Clock::TimePoint(1h);
  for (unsigned i = 0; i < Guesses::free_guesses; ++i) guesses.wrong(address, start);
  CHECK(guesses.delay(address, start) == 0ms);
  guesses.wrong(address, start);
  CHECK(guesses.delay(address, start) == Guesses::first_delay);
  for (int i = 0; i < 1'000; ++i) guesses.wrong(address, start);
  CHECK(guesses.delay(address, start) == Guesses::longest_delay);
  CHECK(guesses.delay(other, start) == 0ms);
  CHECK(guesses.delay(address, start + 24h) == 0ms);
  guesses.wrong(address, start + 24h);
  CHECK(guesses.delay(address, start + 24h) == 0ms);
}

TEST_CASE("a crowd of guessing addresses is forgotten rather than kept") {
  Guesses guesses;
  for (std::uint32_t i = 0; i < 3 * Guesses::addresses_max; ++i)
    for (unsigned j = 0; j < 1 + i % 2; ++j)
      guesses.wrong(asio::ip::address_v4(0x0b00'0000 + i), Clock::TimePoint(1h));
  CHECK(guesses.size() <= Guesses::addresses_max);
}

TEST_CASE("refusals in the audit: a burst, then a rate, and none is forgotten") {
  RefusalBudget budget;
  const Clock::TimePoint start = Clock::TimePoint(1h);
  for (int i = 0; i < 1'000; ++i) CHECK(budget.take(start).may);
  for (int i = 0; i < 500; ++i) CHECK_FALSE(budget.take(start).may);
  const auto later = budget.take(start + 50ms);
  CHECK(later.may);
  CHECK(later.left_out == 500);
  CHECK_FALSE(budget.take(start + 50ms).may);
  CHECK(budget.take(start + 1h).left_out == 1);
}

}  // namespace
}  // namespace srs::gate
