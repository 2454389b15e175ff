// Waiters: requests for streams that cannot be played here yet, by path. Belongs to the main thread.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "core/clock.h"
#include "net/timer.h"
#include "srs-relay/streams/wanted.h"

namespace srs::relay {

class Waiters {
 public:
  // The limit. Each waiter is a connection as well.
  static constexpr std::size_t most = 20'000;

  // Both must outlive it.
  Waiters(asio::io_context& io, const Clock& clock) : io_(io), clock_(clock) {}

  // Calls `done` after `time` or when woken, never before this returns. False if too many wait; then `done`
  // is not called.
  bool add(const Wanted& wanted, std::chrono::milliseconds time, std::function<void()> done);

  // Wakes those of this path for which `which(wanted, is_patient)` is true. is_patient: its own patience is
  // not over yet.
  template <class Which>
  void wake(const std::string& path, Which which) {
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) return;
    const auto now = clock_.steady();
    for (Waiter& waiter : found->second)
      if (which(waiter.wanted, waiter.patient_until > now)) waiter.wake();
  }
  void wake_all();
  // Whether anybody waits for this stream (with this permit) and has not been woken.
  bool any(const std::string& path) const;
  bool any(const std::string& path, const std::string& permit) const;
  std::size_t size() const { return size_; }

 private:
  struct Waiter {
    Waiter(asio::io_context& io, const Clock& clock, const Wanted& what, std::function<void()> on_done)
        : wanted(what),
          patient_until(clock.steady() + what.patience),
          timer(io, clock),
          done(std::move(on_done)) {}
    void wake() {
      woken = true;
      timer.cancel();
    }

    Wanted wanted;
    Clock::TimePoint patient_until;
    net::Timer timer;
    std::function<void()> done;
    bool woken = false;
  };
  using Place = std::map<std::string, std::list<Waiter>>::iterator;

  template <class Which>
  bool any_of(const std::string& path, Which which) const;
  void end(Place place, std::list<Waiter>::iterator waiter);

  asio::io_context& io_;
  const Clock& clock_;
  std::map<std::string, std::list<Waiter>> by_path_;
  std::size_t size_ = 0;
};

}  // namespace srs::relay
