// RefusalBudget bounds how many refusals go to the audit: anybody can be refused as often as he asks. A
// burst, then a rate; how many were left out is told with the next one. Any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>

#include "core/clock.h"

namespace srs::gate {

class RefusalBudget {
 public:
  static constexpr double burst = 1'000, per_second = 20;

  struct Answer {
    bool may = false;            // it is written
    std::uint64_t left_out = 0;  // if so, how many were not since the last one
  };
  Answer take(Clock::TimePoint now) {
    const std::lock_guard lock(mutex_);
    left_ = std::min(burst, left_ + std::chrono::duration<double>(now - since_).count() * per_second);
    since_ = now;
    if (left_ < 1) {
      ++left_out_;
      return {};
    }
    left_ -= 1;
    return {true, std::exchange(left_out_, 0)};
  }

 private:
  std::mutex mutex_;
  double left_ = burst;
  Clock::TimePoint since_{};
  std::uint64_t left_out_ = 0;
};

}  // namespace srs::gate
