// Histogram: percentiles of any number of durations in constant memory.
//
// Buckets are 1/64 of their value wide (1.6 %), from one microsecond to more than an hour; exact below 64
// microseconds. Each thread fills its own; they are added up at the end.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace srs::bench {

class Histogram {
 public:
  using Microseconds = std::chrono::microseconds;

  // Negative durations count as zero.
  void add(Microseconds value);
  void add(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Microseconds max() const { return Microseconds(max_); }
  // The value that `share` (0 to 1) of all values do not exceed, rounded up by at most a bucket's width; 0 if
  // empty.
  Microseconds percentile(double share) const;

 private:
  static constexpr int precision_bits = 6;
  static constexpr std::size_t buckets = (33 - precision_bits) << precision_bits;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t highest_in(std::size_t bucket);

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace srs::bench
