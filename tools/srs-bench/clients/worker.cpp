#include "srs-bench/clients/worker.h"

#include <algorithm>

namespace srs::bench {
namespace {

// The longest time until a stop is noticed.
constexpr std::chrono::milliseconds patience{10};
// The time between two ticks of a client.
constexpr std::chrono::milliseconds round{250};

}  // namespace

void Worker::add(std::unique_ptr<Client> client, Clock::time_point at) {
  client->start_at(at);
  clients_.push_back(std::move(client));
}

void Worker::run(Clock::time_point mark) {
  thread_ = std::thread([this, mark] {
    try {
      loop_until_stopped(mark);
    } catch (...) {
      failure_ = std::current_exception();
    }
  });
}

void Worker::loop_until_stopped(Clock::time_point mark) {
  ticked_until_ = Clock::now();
  while (!stopping_) {
    loop_.run_once(patience);
    tick_some(Clock::now());
    if (figures_.measuring || Clock::now() < mark) continue;
    figures_.measuring = true;
    for (auto& client : clients_) client->mark(Clock::now());
  }
  const auto now = Clock::now();
  for (auto& client : clients_) client->finish(now);
}

// Ticks a few clients at a time: with thousands of clients, a whole round at once would delay events.
void Worker::tick_some(Clock::time_point now) {
  if (clients_.empty()) return;
  const auto each = std::chrono::nanoseconds(round) / static_cast<std::int64_t>(clients_.size());
  auto due = static_cast<std::size_t>((now - ticked_until_) / each);
  ticked_until_ += static_cast<std::int64_t>(due) * each;
  for (due = std::min(due, clients_.size()); due > 0; --due) {
    clients_[next_tick_]->tick(now);
    next_tick_ = (next_tick_ + 1) % clients_.size();
  }
}

void Worker::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace srs::bench
