// The loop of a worker's thread: at once while there is time, in rounds under load.
#include "srs-relay/workers/rounds.h"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>

#include "srs-relay/workers/round_time.h"
#include "srs-relay/workers/thread_load.h"

using namespace srs::relay;
using namespace std::chrono_literals;

namespace {

std::chrono::microseconds time_at(double load, int samples) {
  RoundTime round;
  for (int i = 0; i < samples; ++i) round.add(load);
  return round.get();
}

// Whatever it does, it runs or wants to.
void spin(std::chrono::milliseconds time) {
  for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;) {
  }
}

}  // namespace

TEST_CASE("a thread that has time makes no rounds") {
  CHECK(time_at(0, 1000) == 0us);
  CHECK(time_at(RoundTime::easy, 1000) == 0us);
  CHECK(time_at(1, 0) == 0us);
}

TEST_CASE("rounds grow with the load, up to a bound, and not at one sample") {
  CHECK(time_at(0.7, 1000) > 0us);
  CHECK(time_at(0.75, 1000) > time_at(0.7, 1000));
  CHECK(time_at(RoundTime::heavy, 1000) <= RoundTime::moderate);
  CHECK(time_at(0.85, 1000) > RoundTime::moderate);
  CHECK(time_at(1, 1000) <= RoundTime::longest);
  CHECK(time_at(1, 1) < time_at(1, 1000) / 2);
  // There is always some rest.
  CHECK(RoundTime::work_in(time_at(1, 1000)) < time_at(1, 1000));
}

TEST_CASE("when the load is gone the rounds end") {
  RoundTime round;
  for (int i = 0; i < 100; ++i) round.add(1);
  REQUIRE(round.get() > 0us);
  for (int i = 0; i < 100; ++i) round.add(0.1);
  CHECK(round.get() == 0us);
}

TEST_CASE("the load of a thread is what it ran or wanted to run") {
  ThreadLoad load;
  spin(40ms);
  CHECK(load.sample() > 0.5);
  asio::io_context io;
  asio::steady_timer timer(io, 200ms);
  timer.async_wait([](const asio::error_code&) {});
  io.run();
  CHECK(load.sample() < 0.5);
}

TEST_CASE("a busy thread holds readers until the next round, each time") {
  asio::io_context io;
  Rounds rounds(io, true);
  int waits = 0;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        asio::steady_timer pause(io);
        while (waits < 3) {
          if (rounds.holds()) {
            co_await rounds.wait();
            ++waits;
          }
          pause.expires_after(1ms);
          co_await pause.async_wait(asio::use_awaitable);
        }
        io.stop();
      },
      asio::detached);
  std::function<void()> work = [&] {
    spin(1ms);
    asio::post(io, work);
  };
  asio::post(io, work);
  rounds.run();
  CHECK(waits == 3);
  CHECK_FALSE(rounds.holds());
}

TEST_CASE("readers that were held are released when the load goes, too") {
  asio::io_context io;
  Rounds rounds(io, true);
  bool was_held = false;
  int calm = 0;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        asio::steady_timer pause(io);
        // Wherever it is when the rounds end.
        while (calm < 100) {
          calm = was_held && !rounds.holds() ? calm + 1 : 0;
          was_held |= rounds.holds();
          if (rounds.holds()) co_await rounds.wait();
          pause.expires_after(1ms);
          co_await pause.async_wait(asio::use_awaitable);
        }
        io.stop();
      },
      asio::detached);
  std::function<void()> work = [&] {
    spin(1ms);
    if (!was_held) asio::post(io, work);
  };
  asio::post(io, work);
  rounds.run();
  CHECK(was_held);
  CHECK(calm == 100);
}

TEST_CASE("a thread that must not rest handles everything at once, however busy") {
  asio::io_context io;
  Rounds rounds(io, false);
  int turns = 0;
  std::function<void()> work = [&] {
    CHECK_FALSE(rounds.holds());
    spin(1ms);
    ++turns < 200 ? asio::post(io, work) : io.stop();
  };
  asio::post(io, work);
  rounds.run();
  CHECK(turns == 200);
}
