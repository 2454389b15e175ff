// PublisherRate holds a publisher to so many bytes and messages a second: beyond them it is read later, so
// that its sender waits, and nothing is lost. Bursts of some seconds pass. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/token_bucket.h"

namespace srs::live {

class PublisherRate {
 public:
  static constexpr double burst_seconds = 20;

  struct Limits {
    std::uint64_t bytes_per_second = 50u << 20;  // 0: no limit
    std::uint64_t messages_per_second = 50'000;
  };

  explicit PublisherRate(Limits limits)
      : bytes_(bucket_of(limits.bytes_per_second)), messages_(bucket_of(limits.messages_per_second)) {}

  // Counts a message, and says how long to wait before the next one is read; mostly zero.
  std::chrono::milliseconds count(std::size_t bytes, TokenBucket::TimePoint now) {
    const double seconds = std::max(bytes_.owe(static_cast<double>(bytes), now), messages_.owe(1, now));
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
  }

 private:
  static TokenBucket bucket_of(std::uint64_t per_second) {
    const double rate = per_second > 0 ? static_cast<double>(per_second) : 1e18;
    return {rate, burst_seconds * rate};
  }

  TokenBucket bytes_, messages_;
};

}  // namespace srs::live
