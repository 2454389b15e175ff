#include "live/backoff.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using srs::live::Backoff;
using namespace std::chrono_literals;

namespace {

bool is_about(std::chrono::milliseconds delay, std::chrono::milliseconds base) {
  return delay >= base - base / 5 && delay <= base + base / 5;
}

}  // namespace

TEST_CASE("each wait is twice the one before, up to the longest") {
  for (std::uint32_t seed = 1; seed < 50; ++seed) {
    Backoff backoff(500ms, 30s, seed);
    for (const auto base : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms})
      CHECK(is_about(backoff.next(), base));
  }
}

TEST_CASE("after a reset it begins again with the first") {
  Backoff backoff(500ms, 30s, 1);
  for (int i = 0; i < 10; ++i) (void)backoff.next();
  backoff.reset();
  CHECK(is_about(backoff.next(), 500ms));
  CHECK(is_about(backoff.next(), 1s));
}

TEST_CASE("different seeds give different waits; one seed always gives the same") {
  std::set<std::chrono::milliseconds> delays;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) delays.insert(Backoff(10s, 10s, seed).next());
  CHECK(delays.size() >= 15);
  Backoff one(500ms, 5s, 7), same(500ms, 5s, 7);
  for (int i = 0; i < 10; ++i) CHECK(one.next() == same.next());
}

TEST_CASE("waits below five milliseconds, and a longest wait that is not a power of two times the first") {
  Backoff tiny(1ms, 3ms, 1);
  CHECK(tiny.next() == 1ms);
  CHECK(tiny.next() == 2ms);
  CHECK(tiny.next() == 3ms);
  CHECK(tiny.next() == 3ms);
}
