#include "srs-relay/workers/rounds.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <thread>

#include "srs-relay/workers/round_time.h"
#include "srs-relay/workers/thread_load.h"

namespace srs::relay {
namespace {

using Steady = std::chrono::steady_clock;

// Without rounds: until the load is looked at again.
constexpr std::chrono::milliseconds longest_turn{20};
// Handlers between two looks at the clock.
constexpr unsigned handlers_in_a_row = 16;

// What is ready, until nothing is, or for about this time.
void work_for(asio::io_context& io, Steady::duration time) {
  for (const auto end = Steady::now() + time; Steady::now() < end;)
    for (unsigned i = 0; i < handlers_in_a_row; ++i)
      if (io.poll_one() == 0) return;
}

}  // namespace

Rounds::Rounds(asio::io_context& io, bool rests) : io_(io), rests_(rests), readers_(io) {}

void Rounds::run() {
  if (!rests_) {
    io_.run();
    return;
  }
  ThreadLoad load;
  RoundTime round;
  while (io_.run_one() > 0) {
    const auto begun = Steady::now();
    if (begun - load.sampled_at() >= RoundTime::interval) round.add(load.sample());
    const std::chrono::microseconds time = round.get();
    holds_ = time.count() > 0;
    if (!holds_) {
      work_for(io_, longest_turn);
      continue;
    }
    work_for(io_, RoundTime::work_in(time));
    if (!io_.stopped()) std::this_thread::sleep_until(begun + time);
    release();
  }
  holds_ = false;
}

asio::awaitable<void> Rounds::wait() {
  asio::error_code released;
  co_await readers_.async_wait(asio::redirect_error(asio::use_awaitable, released));
}

}  // namespace srs::relay
