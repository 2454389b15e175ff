// CutBudget: how many segments, or files, may be far shorter than they should.
//
// A change of codecs, a jump of the timestamps or a size ends a segment early, which is right now and then.
// A publisher that does so with each frame would make files without end. Belongs to who cuts.
#pragma once

#include <algorithm>
#include <chrono>

namespace srs::hls {

class CutBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Short ones that may come at once, and a second afterwards.
  static constexpr double burst = 64, a_second = 4;

  // Whether one more may begin behind one that was short; counts it.
  bool take(Time now) {
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
