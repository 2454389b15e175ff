// TokenBucket: so much a second, and a burst at once. One thread.
#pragma once

#include <algorithm>
#include <chrono>

namespace srs {

class TokenBucket {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // It is full at first.
  TokenBucket(double per_second, double burst) : rate_(per_second), burst_(burst), left_(burst) {}

  // Takes the amount if it is there; false, and nothing is taken, if not.
  bool take(double amount, TimePoint now) {
    refill(now);
    if (amount > left_) return false;
    left_ -= amount;
    return true;
  }

  // Takes the amount, there or not. How many seconds it takes until nothing is owed.
  double owe(double amount, TimePoint now) {
    refill(now);
    left_ -= amount;
    return std::max(0.0, -left_ / rate_);
  }

 private:
  void refill(TimePoint now) {
    const double passed = std::chrono::duration<double>(now - since_).count();
    left_ = std::min(left_ + passed * rate_, burst_);
    since_ = now;
  }

  double rate_, burst_, left_;
  TimePoint since_{};
};

}  // namespace srs
