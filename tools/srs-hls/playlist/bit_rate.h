// BitRate: the peak and the average of a rendition, for BANDWIDTH and AVERAGE-BANDWIDTH (RFC 8216 4.3.4.2).
//
// The peak is the largest rate of any run of segments that lasts between half and one and a half target
// durations. The average is that of all segments.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

namespace srs::hls {

class BitRate {
 public:
  void add(std::uint64_t bytes, std::chrono::milliseconds duration, int target_duration_s) {
    bytes_ += bytes;
    duration_ += duration;
    runs_.push_back({bytes, duration});
    const std::chrono::milliseconds target = std::chrono::seconds(target_duration_s);
    std::uint64_t run_bytes = 0;
    std::chrono::milliseconds run_duration{0};
    std::size_t used = 0;
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run, ++used) {
      run_bytes += run->bytes;
      run_duration += run->duration;
      if (run_duration > target + target / 2) break;
      if (run_duration >= target / 2) peak_ = std::max(peak_, rate(run_bytes, run_duration));
    }
    while (runs_.size() > used + 1) runs_.pop_front();
    if (peak_ == 0) first_ = rate(bytes_, duration_);
  }

  // Before the end of the first segment: its size and duration so far.
  void guess(std::uint64_t bytes, std::chrono::milliseconds duration) {
    if (bytes_ == 0) first_ = rate(bytes, duration);
  }

  // Bits per second; 0: not known yet.
  std::uint64_t peak() const { return std::max(peak_ > 0 ? peak_ : first_, average()); }
  // Of whole segments; 0: there are none.
  std::uint64_t average() const { return rate(bytes_, duration_); }

 private:
  // Rounded up: BANDWIDTH is never below the real rate.
  static std::uint64_t rate(std::uint64_t bytes, std::chrono::milliseconds duration) {
    if (duration.count() <= 0) return 0;
    const auto ms = static_cast<std::uint64_t>(duration.count());
    return (bytes * 8'000 + ms - 1) / ms;
  }

  struct Run {
    std::uint64_t bytes;
    std::chrono::milliseconds duration;
  };
  std::deque<Run> runs_;
  std::uint64_t bytes_ = 0;
  std::chrono::milliseconds duration_{0};
  std::uint64_t peak_ = 0;
  std::uint64_t first_ = 0;  // of segments too short to count, or of the first segment's parts
};

}  // namespace srs::hls
