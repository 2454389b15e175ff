// Clock: the time. Whoever needs it is given one, so that tests can turn it.
#pragma once

#include <chrono>
#include <ctime>
#include <memory>

namespace srs {

class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point utc() const { return std::chrono::system_clock::now(); }
  virtual TimePoint steady() const { return std::chrono::steady_clock::now(); }
  // The same, late by up to 10 ms: what to ask for each message of a stream.
  virtual TimePoint steady_coarse() const {
    std::timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }

  // A clock that is turned by hand wakes those who wait on it; one that runs by itself leaves that to the
  // system.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void wake() = 0;
  };
  virtual bool runs_by_itself() const { return true; }
  // Only of a clock that is turned by hand: wakes `waiter` once the time has come.
  virtual void wake_at(TimePoint, std::weak_ptr<Waiter>) const {}
};

// The system's.
inline const Clock& system_clock() {
  static const Clock clock;
  return clock;
}

}  // namespace srs
