// Playout: a simulated viewer's buffer: whether play would have stalled.
//
// It plays nothing. Media arrives in lanes (video, and audio if separate), and is consumed in real time once
// every lane has buffered its hold-back. A lane that runs dry stalls play until more arrives, and delays the
// viewer by that time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "srs-bench/hls/hls_playlist.h"
#include "srs-bench/loop/event_loop.h"

namespace srs::bench {

class Playout {
 public:
  // Before any media. skipped: media before the start of play. hold_back: media from there on that must
  // arrive before play starts.
  void add_lane(std::size_t lane, MediaTime skipped, MediaTime hold_back);
  // Media that follows the earlier one. A negative duration corrects an earlier call.
  void on_media(std::size_t lane, MediaTime duration, Clock::time_point now);
  // The stream has ended regularly.
  void end(Clock::time_point now);
  // Counts a stall in progress.
  void settle(Clock::time_point now);

  std::optional<Clock::time_point> started() const { return started_; }
  std::uint64_t stalls() const { return stalls_; }
  MediaTime stalled() const { return stalled_; }

 private:
  struct Lane {
    bool used = false;
    MediaTime ahead{};  // end of its media, relative to the start of play
    MediaTime hold_back{};
  };
  // Of the lane with the least media.
  MediaTime end_of_media() const;
  MediaTime played(Clock::time_point now) const;

  std::array<Lane, 2> lanes_{};
  std::optional<Clock::time_point> started_;
  bool ended_ = false;
  bool stalling_ = false;
  std::uint64_t stalls_ = 0;
  MediaTime stalled_{};
};

}  // namespace srs::bench
