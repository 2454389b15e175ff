#include "live/publisher_rate.h"

#include <doctest/doctest.h>

namespace srs::live {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a burst passes, then the rate holds") {
  PublisherRate rate(
      {.bytes_per_second = 1'000, .messages_per_second = 1'000'000});  // 1,000 bytes, 20,000 at once
  auto now = std::chrono::steady_clock::now();
  CHECK(rate.count(19'000, now) == 0ms);
  CHECK(rate.count(2'000, now) > 900ms);
  now += 1'200ms;
  CHECK(rate.count(0, now) == 0ms);
  CHECK(rate.count(1'000, now) > 500ms);
  now += 24h;
  CHECK(rate.count(19'000, now) == 0ms);
  CHECK(rate.count(19'000, now) > 15s);
}

TEST_CASE("small messages count, too") {
  PublisherRate rate({.bytes_per_second = 0, .messages_per_second = 10});
  const auto now = std::chrono::steady_clock::now();
  for (int i = 0; i < 199; ++i) CHECK(rate.count(1, now) == 0ms);
  std::chrono::milliseconds wait{};
  for (int i = 0; i < 20; ++i) wait = rate.count(1, now);
  CHECK(wait > 1'500ms);
  CHECK(wait < 2'500ms);
}

}  // namespace
}  // namespace srs::live
