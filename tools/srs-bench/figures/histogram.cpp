#include "srs-bench/figures/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace srs::bench {

// Values with the same highest bit share 64 buckets, numbered by the next six bits.
std::size_t Histogram::bucket_of(std::uint64_t value) {
  constexpr std::uint64_t exact = 1u << precision_bits;
  if (value < exact) return static_cast<std::size_t>(value);
  const int shift = std::bit_width(value) - 1 - precision_bits;
  const std::size_t group = static_cast<std::size_t>(shift + 1) << precision_bits;
  return std::min(group + static_cast<std::size_t>((value >> shift) - exact), buckets - 1);
}

std::uint64_t Histogram::highest_in(std::size_t bucket) {
  const std::size_t group = bucket >> precision_bits;
  if (group == 0) return bucket;
  const std::uint64_t within = bucket & ((1u << precision_bits) - 1);
  return (((1u << precision_bits) + within + 1) << (group - 1)) - 1;
}

void Histogram::add(Microseconds value) {
  const auto number = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count()));
  ++counts_[bucket_of(number)];
  ++count_;
  max_ = std::max(max_, number);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

Histogram::Microseconds Histogram::percentile(double share) const {
  if (count_ == 0) return Microseconds(0);
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return Microseconds(std::min(highest_in(i), max_));
  }
  return max();
}

}  // namespace srs::bench
