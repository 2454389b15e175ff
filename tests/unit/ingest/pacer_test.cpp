#include "srs-ingest/pacer.h"

#include <doctest/doctest.h>

#include <thread>

using srs::ingest::Pacer;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

// How long wait() took. Only lower bounds are checked: a busy machine is late, never early.
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

TEST_CASE("a jump ahead is not waited for, and pacing goes on behind it") {
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
