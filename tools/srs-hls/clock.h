// Clock: the time, which tests can turn.
#pragma once

#include <chrono>
#include <ctime>

namespace srs::hls {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point utc() const { return std::chrono::system_clock::now(); }
  virtual std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::now(); }
  // The same, late by up to 10 ms: what to ask for each message of a stream.
  virtual std::chrono::steady_clock::time_point steady_coarse() const {
    std::timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return std::chrono::steady_clock::time_point(std::chrono::seconds(time.tv_sec) +
                                                 std::chrono::nanoseconds(time.tv_nsec));
  }
};

}  // namespace srs::hls
