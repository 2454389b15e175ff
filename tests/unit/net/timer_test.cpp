#include "net/timer.h"

#include <doctest/doctest.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "net/answer.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace std::chrono_literals;

TEST_CASE("timers of a clock that is turned by hand come due in their order, and not before") {
  asio::io_context io;
  net::ManualClock clock;
  std::vector<int> rung;
  net::Timer first(io, clock), second(io, clock), cancelled(io, clock);
  second.expires_after(20s);
  first.expires_after(10s);
  cancelled.expires_after(5s);
  first.async_wait([&](asio::error_code error) { rung.push_back(error ? -1 : 1); });
  second.async_wait([&](asio::error_code error) { rung.push_back(error ? -2 : 2); });
  cancelled.async_wait([&](asio::error_code error) { rung.push_back(error ? -3 : 3); });
  cancelled.cancel();
  clock.advance(io, 9s);
  CHECK(rung == std::vector{-3});
  clock.advance(io, 1s);
  CHECK(rung == std::vector{-3, 1});
  clock.advance(io, 60s);
  CHECK(rung == std::vector{-3, 1, 2});
}

TEST_CASE("a timer that is set anew ends what waited, and a coroutine may wait on it") {
  asio::io_context io;
  net::ManualClock clock;
  net::Timer timer(io, clock);
  bool was_aborted = false, came = false;
  timer.expires_after(1s);
  timer.async_wait([&](asio::error_code error) { was_aborted = error == asio::error::operation_aborted; });
  timer.expires_after(2s);
  asio::co_spawn(
      io,
      [](net::Timer& waited, bool& done) -> asio::awaitable<void> {
        asio::error_code error;
        co_await waited.async_wait(asio::redirect_error(asio::use_awaitable, error));
        done = !error;
      }(timer, came),
      asio::detached);
  clock.advance(io, 1500ms);
  CHECK(was_aborted);
  CHECK_FALSE(came);
  clock.advance(io, 500ms);
  CHECK(came);
}

TEST_CASE("without another clock a timer is the system's") {
  asio::io_context io;
  net::Timer timer(io);
  bool came = false;
  timer.expires_after(1ms);
  timer.async_wait([&](asio::error_code error) { came = !error; });
  io.run();
  CHECK(came);
}

TEST_CASE("an answer comes to the asker's thread, also before it waits, and after it has gone") {
  asio::io_context asker, other;
  std::optional<int> got;
  const auto answer = std::make_shared<net::Answer<int>>(asker.get_executor());
  asio::post(other, [answer] { answer->set(7); });
  other.run();
  CHECK_FALSE(got);
  asio::co_spawn(
      asker,
      [](std::shared_ptr<net::Answer<int>> waited, std::optional<int>& to) -> asio::awaitable<void> {
        to = co_await waited->wait();
      }(answer, got),
      asio::detached);
  asker.run();
  CHECK(got == 7);
  auto late = std::make_shared<net::Answer<int>>(asker.get_executor());
  late->set(8);
  late.reset();
  asker.restart();
  asker.run();
}

TEST_CASE("a wait on a timer is cancelled with its coroutine") {
  asio::io_context io;
  net::ManualClock clock;
  net::Timer timer(io, clock);
  asio::cancellation_signal cancel;
  std::optional<asio::error_code> came;
  timer.expires_after(10s);
  asio::co_spawn(
      io,
      [](net::Timer& waited, std::optional<asio::error_code>& with) -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        asio::error_code error;
        co_await waited.async_wait(asio::redirect_error(asio::use_awaitable, error));
        with = error;
      }(timer, came),
      asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  clock.advance(io, 1s);
  CHECK_FALSE(came);
  cancel.emit(asio::cancellation_type::terminal);
  clock.advance(io, 0s);
  REQUIRE(came);
  CHECK(*came == asio::error::operation_aborted);
}

TEST_CASE("an answer that does not come in time is none, and of two the first one counts") {
  asio::io_context io;
  std::optional<int> got;
  int ended = 0;
  const auto ask = [](std::shared_ptr<net::Answer<int>> waited, std::chrono::milliseconds patience,
                      std::optional<int>& to, int& ends) -> asio::awaitable<void> {
    to = co_await waited->wait(patience);
    ++ends;
  };
  const auto never = std::make_shared<net::Answer<int>>(io.get_executor());
  asio::co_spawn(io, ask(never, 2ms, got, ended), asio::detached);
  io.run();
  CHECK(ended == 1);
  CHECK_FALSE(got);
  const auto twice = std::make_shared<net::Answer<int>>(io.get_executor());
  asio::co_spawn(io, ask(twice, 10s, got, ended), asio::detached);
  twice->set(1);
  twice->set(2);
  io.restart();
  io.run();
  CHECK(ended == 2);
  CHECK(got == 1);
}
