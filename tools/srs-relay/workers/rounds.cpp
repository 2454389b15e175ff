#include "srs-relay/workers/rounds.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <thread>
#include <utility>

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
  std::chrono::microseconds time(0);
  while (io_.run_one() > 0) {
    const auto begun = Steady::now();
    work_for(io_, holds_ ? RoundTime::work_in(time) : longest_turn);
    if (holds_ && !io_.stopped()) std::this_thread::sleep_until(begun + time);
    if (Steady::now() - load.sampled_at() >= RoundTime::interval) round.add(load.sample());
    time = round.get();
    // Who is released may be held again at once, so this is decided before.
    if (std::exchange(holds_, time.count() > 0)) release();
  }
  holds_ = false;
}

asio::awaitable<void> Rounds::wait() {
  asio::error_code released;
  co_await readers_.async_wait(asio::redirect_error(asio::use_awaitable, released));
}

}  // namespace srs::relay
