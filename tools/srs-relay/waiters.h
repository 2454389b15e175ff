// Waiters: who waits for a stream that cannot be played here yet, found by its path. The main thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>

#include "wanted.h"

namespace srs::relay {

class Waiters {
 public:
  using Clock = std::chrono::steady_clock;
  // Beyond it nobody waits any more. Each is a connection as well.
  static constexpr std::size_t most = 20'000;

  explicit Waiters(asio::io_context& io) : io_(io) {}

  // Calls `done` once the time is up or it is woken, later than this returns. False, and it is not called:
  // too many wait.
  bool add(const Wanted& wanted, std::chrono::milliseconds time, std::function<void()> done);

  // Wakes those of this path of which `which(wanted, is_patient)` is true; is_patient: what it asked for is
  // not over yet.
  template <class Which>
  void wake(const std::string& path, Which which) {
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) return;
    const auto now = Clock::now();
    for (Waiter& waiter : found->second)
      if (which(waiter.wanted, waiter.patient_until > now)) waiter.timer.cancel();
  }
  void wake_all();
  // Whether somebody waits for this stream; with this permit.
  bool any(const std::string& path) const { return by_path_.contains(path); }
  bool any(const std::string& path, const std::string& permit) const;
  std::size_t size() const { return size_; }

 private:
  struct Waiter {
    Wanted wanted;
    Clock::time_point patient_until;
    asio::steady_timer timer;
    std::function<void()> done;
  };
  using Place = std::map<std::string, std::list<Waiter>>::iterator;

  void end(Place place, std::list<Waiter>::iterator waiter);

  asio::io_context& io_;
  std::map<std::string, std::list<Waiter>> by_path_;
  std::size_t size_ = 0;
};

}  // namespace srs::relay
