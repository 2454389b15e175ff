#include "live/stream_quota.h"

#include <doctest/doctest.h>

using namespace srs;
using namespace srs::live;
using namespace std::chrono_literals;

TEST_CASE("limits on streams in all and per address") {
  StreamQuota quota({.streams = 300, .streams_per_address = 200});
  for (int i = 0; i < 200; ++i) CHECK(quota.add("192.0.2.1"));
  const auto refused = quota.add("192.0.2.1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("--max-streams-per-address") != std::string::npos);
  for (int i = 0; i < 100; ++i) CHECK(quota.add("192.0.2.2"));
  const auto full = quota.add("192.0.2.3");
  REQUIRE_FALSE(full);
  CHECK(full.error().message.find("(--max-streams)") != std::string::npos);
  std::size_t waiting = 0;
  for (int i = 0; i < 200; ++i) waiting += quota.add_brief("192.0.2.1") ? 1 : 0;
  CHECK(waiting == StreamQuota::brief_per_address);
  quota.remove_brief("192.0.2.1");
  CHECK(quota.add_brief("192.0.2.1"));
  quota.remove("192.0.2.2");
  CHECK(quota.add("192.0.2.3"));
}

TEST_CASE("after 25 and 50 days an address opens streams as fast as before") {
  for (const std::int64_t uptime_ms : {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 38}) {
    StreamQuota quota({.streams = 300, .streams_per_address = 200});
    const auto opened = [&](std::int64_t at_ms) {
      const StreamQuota::Clock::time_point now{std::chrono::milliseconds(at_ms)};
      int count = 0;
      for (; count < 1000 && quota.add("192.0.2.1", now); ++count) quota.remove("192.0.2.1");
      return count;
    };
    CHECK(opened(uptime_ms - 5'000) == 200);
    CHECK(opened(uptime_ms + 5'000) == 20);
    CHECK(opened(2 * uptime_ms) == 200);
  }
}

TEST_CASE("an address that opens and closes streams is slowed down") {
  StreamQuota quota({.streams = 300, .streams_per_address = 200});
  const auto begin = StreamQuota::Clock::now();
  const auto opened = [&](const std::string& address, StreamQuota::Clock::time_point now) {
    int count = 0;
    for (; count < 1000 && quota.add(address, now); ++count) quota.remove(address);
    return count;
  };
  CHECK(opened("192.0.2.1", begin) == 200);
  CHECK(opened("192.0.2.1", begin + 10s) == 20);  // two a second
  CHECK(opened("192.0.2.2", begin + 10s) == 200);
  CHECK(opened("192.0.2.1", begin + 1h) == 200);
  // Addresses that have no stream are not remembered forever.
  for (int i = 0; i < 10'000; ++i) {
    CHECK(quota.add(std::to_string(i), begin));
    quota.remove(std::to_string(i));
  }
}
