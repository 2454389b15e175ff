// What is remembered of names that peers make up, and what each address has of something at once.
#include "srs-relay/origins/recent.h"

#include <doctest/doctest.h>

#include <vector>

#include "srs-relay/origins/shares.h"

using namespace srs::relay;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a name is remembered for its time, and anew when it is said again") {
  Recent recent(milliseconds(1'000), 100);
  const auto zero = std::chrono::steady_clock::now();
  recent.add("a", zero);
  CHECK(recent.left("a", zero + milliseconds(400)) == milliseconds(600));
  CHECK_FALSE(recent.contains("b", zero));
  recent.add("a", zero + milliseconds(900));
  CHECK(recent.contains("a", zero + milliseconds(1'800)));
  CHECK_FALSE(recent.contains("a", zero + milliseconds(1'900)));
  recent.remove("a");
  CHECK_FALSE(recent.contains("a", zero + milliseconds(900)));
}

TEST_CASE("after 25 and 50 days a name is remembered for its time") {
  for (const std::int64_t uptime_ms : {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 38}) {
    Recent recent(milliseconds(1'000), 100);
    const srs::Clock::TimePoint begin{milliseconds(uptime_ms - 500)};
    recent.add("a", begin);
    CHECK(recent.left("a", begin + milliseconds(900)) == milliseconds(100));
    CHECK_FALSE(recent.contains("a", begin + milliseconds(1'000)));
    CHECK_FALSE(recent.contains("a", begin + milliseconds(uptime_ms)));
  }
}

TEST_CASE("of a million names, those that were said last are remembered") {
  Recent recent(seconds(10), 100);
  const auto zero = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000'000; ++i) recent.add(std::to_string(i), zero);
  CHECK(recent.size() == 100);
  CHECK(recent.contains("999999", zero));
  CHECK_FALSE(recent.contains("999899", zero));
  recent.add("later", zero + seconds(10));
  CHECK(recent.size() == 1);
}

TEST_CASE("no address gets more than its share, and all together no more than there is") {
  Shares shares(5, 2);
  std::vector<Shares::Share> held;
  const auto take = [&](const std::string& address) {
    auto share = shares.acquire(address);
    if (!share) return false;
    held.push_back(*std::move(share));
    return true;
  };
  CHECK(take("a"));
  CHECK(take("a"));
  CHECK_FALSE(take("a"));
  CHECK(take("b"));
  CHECK(take("c"));
  CHECK(take("d"));
  CHECK_FALSE(take("e"));
  CHECK(shares.taken() == 5);
  held.clear();
  CHECK(shares.taken() == 0);
  CHECK(take("a"));
}
