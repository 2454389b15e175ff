#include "worker.h"

#include <algorithm>

namespace srs::bench {
namespace {

// How soon a stop is noticed.
constexpr std::chrono::milliseconds patience{10};
// From one look at a client to the next.
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
  looked_until_ = Clock::now();
  while (!stopping_) {
    loop_.run_once(patience);
    look_at_some(Clock::now());
    if (figures_.measuring || Clock::now() < mark) continue;
    figures_.measuring = true;
    for (auto& client : clients_) client->mark(Clock::now());
  }
  const auto now = Clock::now();
  for (auto& client : clients_) client->finish(now);
}

// A few at a time: with thousands of clients a whole round at once would delay the others.
void Worker::look_at_some(Clock::time_point now) {
  if (clients_.empty()) return;
  const auto each = std::chrono::nanoseconds(round) / static_cast<std::int64_t>(clients_.size());
  auto due = static_cast<std::size_t>((now - looked_until_) / each);
  looked_until_ += static_cast<std::int64_t>(due) * each;
  for (due = std::min(due, clients_.size()); due > 0; --due) {
    clients_[next_look_]->look(now);
    next_look_ = (next_look_ + 1) % clients_.size();
  }
}

void Worker::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace srs::bench
