// Backoff: the wait before the next attempt: `first`, then doubled each time up to `longest`, each varied by
// up to a fifth, so that clients that lost the same server do not all return at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace srs::live {

class Backoff {
 public:
  // 0 < first <= longest. seed: different for each waiting client; tests choose it.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest,
          std::uint32_t seed = std::random_device()())
      : first_(first), longest_(longest), base_(first), random_(seed) {
    random_.discard(4);  // neighbouring seeds begin alike
  }

  // At most 1.2 * longest.
  std::chrono::milliseconds next() {
    const auto fifth = base_.count() / 5;
    const std::chrono::milliseconds delay(
        std::uniform_int_distribution(base_.count() - fifth, base_.count() + fifth)(random_));
    base_ = base_ <= longest_ - base_ ? 2 * base_ : longest_;
    return delay;
  }
  // After a success: starts over with `first`.
  void reset() { base_ = first_; }

 private:
  std::chrono::milliseconds first_, longest_, base_;
  std::minstd_rand random_;
};

}  // namespace srs::live
