// Clock: the time, which tests can turn.
#pragma once

#include <chrono>

namespace srs::hls {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point utc() const { return std::chrono::system_clock::now(); }
  virtual std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::now(); }
};

}  // namespace srs::hls
