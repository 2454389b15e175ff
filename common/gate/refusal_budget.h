// RefusalBudget bounds how many refusals go to the audit: anybody can be refused as often as he asks. A
// burst, then a rate; how many were left out is told with the next one. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "core/clock.h"
#include "core/token_bucket.h"

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
    if (bucket_.take(1, now)) return {true, std::exchange(left_out_, 0)};
    ++left_out_;
    return {};
  }

 private:
  std::mutex mutex_;
  TokenBucket bucket_{per_second, burst};
  std::uint64_t left_out_ = 0;
};

}  // namespace srs::gate
