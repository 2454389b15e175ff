#include "worker.h"

namespace srs::bench {
namespace {

// How soon a stop is noticed.
constexpr std::chrono::milliseconds patience{50};

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
  while (!stopping_) {
    loop_.run_once(patience);
    if (figures_.measuring || Clock::now() < mark) continue;
    figures_.measuring = true;
    for (auto& client : clients_) client->mark();
  }
  const auto now = Clock::now();
  for (auto& client : clients_) client->finish(now);
}

void Worker::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace srs::bench
