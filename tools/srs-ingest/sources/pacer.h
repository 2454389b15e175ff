// Pacer: passes messages at the speed of their timestamps.
//
// The furthest track sets the pace: the others do not wait, however far behind it they are interleaved.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace srs::ingest {

class Pacer {
 public:
  // Waits until timestamp_ms is due, counted from the first one. If the source is late by more than a second,
  // or its timestamps jump by ten seconds, pacing restarts from there.
  void wait(std::int64_t timestamp_ms, const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;

  bool started_ = false;
  Clock::time_point anchor_{};
  std::int64_t anchor_ms_ = 0;
  std::int64_t furthest_ms_ = 0;  // the latest timestamp since the anchor
  std::mutex mutex_;
  std::condition_variable_any stopped_;
};

}  // namespace srs::ingest
