// ScriptBudget limits what a publisher or an origin may send besides sound and picture: a burst of 2 MiB,
// then 256 KiB a second. Metadata is small and rare, and copied into many places; without a limit it would
// crowd out other streams in the stages after us. One thread.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/token_bucket.h"

namespace srs::media {

class ScriptBudget {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr double bytes_per_second = 256 * 1024;
  static constexpr double burst_bytes = 2 * 1024 * 1024;

  // Whether a script tag of this size may pass now; if so, it is counted.
  bool consume(std::size_t bytes, Clock::time_point now) {
    return bucket_.take(static_cast<double>(bytes + overhead), now);
  }

 private:
  static constexpr std::size_t overhead = 128;  // of each tag

  TokenBucket bucket_{bytes_per_second, burst_bytes};
};

}  // namespace srs::media
