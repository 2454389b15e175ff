// ManualClock: a clock that stands still until a test turns it, and wakes the timers that have come due.
#pragma once

#include <algorithm>
#include <asio/io_context.hpp>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "core/clock.h"

namespace srs::net {

class ManualClock : public Clock {
 public:
  std::chrono::system_clock::time_point utc() const override {
    return std::chrono::system_clock::time_point(std::chrono::hours(24 * 365 * 50)) +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now_ - start);
  }
  TimePoint steady() const override { return now_; }
  TimePoint steady_coarse() const override { return now_; }
  bool runs_by_itself() const override { return false; }
  void wake_at(TimePoint time, std::weak_ptr<Waiter> waiter) const override {
    waiting_.push_back({time, std::move(waiter)});
  }

  // Goes on by `time`, from one timer that comes due to the next, and lets `io` do what is to be done at
  // each.
  void advance(asio::io_context& io, std::chrono::steady_clock::duration time) { advance({&io}, time); }
  // Several threads' worth, in turn on this one.
  using Contexts = std::initializer_list<asio::io_context*>;
  void advance(Contexts ios, std::chrono::steady_clock::duration time) {
    run(ios);
    const TimePoint end = now_ + time;
    for (;;) {
      const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                         [](const Entry& a, const Entry& b) { return a.time < b.time; });
      if (next == waiting_.end() || next->time > end) break;
      now_ = std::max(now_, next->time);
      const auto waiter = next->waiter.lock();
      waiting_.erase(next);
      if (waiter) waiter->wake();
      run(ios);
    }
    now_ = end;
    run(ios);
  }
  // How long it is until the next timer comes due; none: there is no timer.
  std::optional<std::chrono::steady_clock::duration> next_due() const {
    std::erase_if(waiting_, [](const Entry& entry) { return entry.waiter.expired(); });
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const Entry& a, const Entry& b) { return a.time < b.time; });
    if (next == waiting_.end()) return std::nullopt;
    return next->time - now_;
  }
  // Time passes and nobody gets a turn.
  void jump(std::chrono::steady_clock::duration time) { now_ += time; }
  static void run(asio::io_context& io) { run({&io}); }
  static void run(Contexts ios) {
    for (bool did_something = true; did_something;) {
      did_something = false;
      for (asio::io_context* io : ios) {
        io->restart();
        while (io->poll() > 0) did_something = true;
      }
    }
  }

 private:
  struct Entry {
    TimePoint time;
    std::weak_ptr<Waiter> waiter;
  };
  static constexpr TimePoint start{std::chrono::hours(1)};
  TimePoint now_ = start;
  mutable std::vector<Entry> waiting_;
};

}  // namespace srs::net
