// CutBudget: limits how many segments, or files, may be far shorter than intended.
//
// A codec change, a timestamp jump or the size limit ends a segment early, which is fine now and then. A
// publisher that causes this with every frame would create files without end. Owned by the code that cuts.
#pragma once

#include <algorithm>
#include <chrono>

namespace srs::hls {

class CutBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Short segments allowed at once, and per second afterwards.
  static constexpr double burst = 64, a_second = 4;

  // Whether one more segment may begin after a short one; counts it.
  bool consume(Time now) {
    if (counting_) {
      const std::chrono::duration<double> passed = now - since_;
      left_ = std::min(burst, left_ + std::max(passed.count(), 0.0) * a_second);
    }
    counting_ = true;
    since_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double left_ = burst;
  Time since_{};
  bool counting_ = false;
};

}  // namespace srs::hls
