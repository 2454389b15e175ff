// ClockNotes decides when to put an onClock, the time of day, in front of a frame: once per second of the
// stream, by the node that received the source.
//
// A source's own onClock is better: ours is added only after three seconds without one. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/clock.h"
#include "media/message.h"

namespace srs::live {

class ClockNotes {
 public:
  static constexpr std::int64_t interval_ms = 1000;  // of the stream's time
  static constexpr std::chrono::seconds source_clock_lifetime{3};

  // The clock must outlive it.
  explicit ClockNotes(const Clock& clock) : clock_(clock) {}

  // The source has sent its onClock, or is about to.
  void on_source_clock() { source_clock_at_ = clock_.steady(); }
  // The next frames were held back since then, and now arrive at once: each is dated as if it had arrived in
  // real time.
  void held_back_since(std::chrono::system_clock::time_point since);

  // The onClock to put in front of a frame at this time of the stream's timeline; none if none is due.
  std::optional<media::Message> before_frame(std::int64_t timestamp_ms);

 private:
  std::chrono::system_clock::time_point time_of(std::int64_t timestamp_ms);

  const Clock& clock_;
  std::optional<Clock::TimePoint> source_clock_at_;
  std::int64_t next_ms_ = 0;
  std::optional<std::chrono::system_clock::time_point> held_back_since_;
  std::chrono::milliseconds held_back_{0};         // how much of the stream was held back
  std::optional<std::int64_t> held_back_from_ms_;  // its first frame
};

}  // namespace srs::live
