// Pacer: lets messages pass at the speed of their timestamps.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace srs::ingest {

class Pacer {
 public:
  // Waits until it is time for timestamp_ms, counted from the first one. A source that is late by more than
  // a second, or whose timestamps jump, is paced anew from there.
  void wait(std::int64_t timestamp_ms, const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;

  bool started_ = false;
  Clock::time_point anchor_{};
  std::int64_t anchor_ms_ = 0;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
};

}  // namespace srs::ingest
