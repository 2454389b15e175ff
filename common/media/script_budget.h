// ScriptBudget: how much a publisher or an origin may send beside sound and picture: 2 MiB at once, then 256
// KiB a second. Metadata is small and seldom, and copied into many places; without end it would take the room
// of other streams in whatever comes behind us. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace srs::media {

class ScriptBudget {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr double bytes_per_second = 256 * 1024;
  static constexpr double most_at_once = 2 * 1024 * 1024;

  // Whether a script tag of this size may pass now; then it is counted.
  bool take(std::size_t bytes, Clock::time_point now) {
    const double passed = std::chrono::duration<double>(now - since_).count();
    left_ = std::min(left_ + passed * bytes_per_second, most_at_once);
    since_ = now;
    const double cost = static_cast<double>(bytes + overhead);
    if (cost > left_) return false;
    left_ -= cost;
    return true;
  }

 private:
  static constexpr std::size_t overhead = 128;  // of each tag

  Clock::time_point since_{};
  double left_ = most_at_once;
};

}  // namespace srs::media
