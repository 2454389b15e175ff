// PublisherRate holds a publisher to so many bytes and messages a second: beyond them it is read later, so
// that its sender waits, and nothing is lost. Bursts of some seconds pass. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace srs::live {

class PublisherRate {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr double burst_seconds = 20;

  struct Limits {
    std::uint64_t bytes_per_second = 50u << 20;  // 0: no limit
    std::uint64_t messages_per_second = 50'000;
  };

  explicit PublisherRate(Limits limits)
      : bytes_(limits.bytes_per_second), messages_(limits.messages_per_second) {}

  // Counts a message, and says how long to wait before the next one is read; mostly zero.
  std::chrono::milliseconds count(std::size_t bytes, Clock::time_point now) {
    const double seconds = std::chrono::duration<double>(now - since_).count();
    since_ = now;
    return std::max(bytes_.take(static_cast<double>(bytes), seconds), messages_.take(1, seconds));
  }

 private:
  class Bucket {
   public:
    explicit Bucket(std::uint64_t per_second)
        : rate_(per_second > 0 ? static_cast<double>(per_second) : 1e18) {}

    std::chrono::milliseconds take(double amount, double seconds) {
      left_ = std::min(left_ + seconds * rate_, burst_seconds * rate_) - amount;
      return left_ >= 0 ? std::chrono::milliseconds(0)
                        : std::chrono::milliseconds(1 + static_cast<std::int64_t>(-left_ / rate_ * 1000));
    }

   private:
    const double rate_;
    double left_ = burst_seconds * rate_;
  };

  Clock::time_point since_ = Clock::now();
  Bucket bytes_, messages_;
};

}  // namespace srs::live
