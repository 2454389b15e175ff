// FirstFrames: how long players waited from their request to the first media. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace srs::relay {

class FirstFrames {
 public:
  // Upper bounds in seconds; one more bucket holds what is above.
  static constexpr std::array<double, 10> bounds{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10};

  void add(std::chrono::steady_clock::duration wait) {
    const double seconds = std::chrono::duration<double>(wait).count();
    std::size_t bucket = 0;
    while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(static_cast<std::uint64_t>(seconds * 1e6), std::memory_order_relaxed);
  }

  // Per bucket, not cumulative.
  std::vector<std::uint64_t> counts() const { return {counts_.begin(), counts_.end()}; }
  double sum_seconds() const { return static_cast<double>(sum_us_.load(std::memory_order_relaxed)) / 1e6; }

 private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_us_{0};
};

}  // namespace srs::relay
