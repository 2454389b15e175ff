#include "srs-ingest/sources/pacer.h"

#include <doctest/doctest.h>

#include <thread>

using srs::ingest::Pacer;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

// The duration of wait(). Only lower bounds are checked: a busy machine is late, never early.
milliseconds waited(Pacer& pacer, std::int64_t timestamp_ms, const std::stop_token& stop = {}) {
  const auto start = Clock::now();
  pacer.wait(timestamp_ms, stop);
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

}  // namespace

TEST_CASE("messages pass no earlier than their timestamps, counted from the first") {
  Pacer pacer;
  const auto start = Clock::now();
  pacer.wait(1'000'000, {});
  pacer.wait(1'000'060, {});
  pacer.wait(1'000'120, {});
  CHECK(Clock::now() - start >= milliseconds(119));
}

TEST_CASE("a forward jump is not waited for, and pacing continues after it") {
  Pacer pacer;
  pacer.wait(0, {});
  CHECK(waited(pacer, 3'600'000) < std::chrono::minutes(1));
  CHECK(waited(pacer, 3'600'060) >= milliseconds(50));
}

TEST_CASE("a source that starts over is paced anew") {
  Pacer pacer;
  pacer.wait(100'000, {});
  pacer.wait(0, {});
  CHECK(waited(pacer, 60) >= milliseconds(50));
}

TEST_CASE("a stop ends the wait") {
  Pacer pacer;
  std::stop_source stop;
  pacer.wait(0, stop.get_token());
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  CHECK(waited(pacer, 9'900, stop.get_token()) < milliseconds(9'800));
}

TEST_CASE("a track interleaved behind the other neither waits nor delays") {
  Pacer pacer;
  const auto start = Clock::now();
  for (std::int64_t ms = 0; ms <= 400; ms += 40) {
    pacer.wait(100'000 + ms, {});
    pacer.wait(98'900 + ms, {});  // 1.1 s behind
  }
  const auto took = Clock::now() - start;
  CHECK(took >= milliseconds(399));
  // It would take eleven times 1.1 s if the late track set a pace of its own.
  CHECK(took < milliseconds(10'000));
}
