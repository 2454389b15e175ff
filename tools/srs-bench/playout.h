// Playout: the buffer of a viewer, on the clock: whether the picture would have stood still.
//
// It plays nothing. Media arrives in lanes (pictures, and sound where that comes by itself), and is used up
// at the speed of the clock from the moment on at which every lane has what it holds back. A lane that runs
// dry stops the picture until more comes: the viewer is later by that from then on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "event_loop.h"
#include "hls_playlist.h"

namespace srs::bench {

class Playout {
 public:
  // Before any media. skipped: media before the place where it plays from. hold_back: media from there on
  // that must have come before it plays.
  void add_lane(std::size_t lane, MediaTime skipped, MediaTime hold_back);
  // Media that follows what came before. A negative duration takes back what was counted too much.
  void arrived(std::size_t lane, MediaTime duration, Clock::time_point now);
  // There will be no more, and that is as it should be.
  void end(Clock::time_point now);
  // Counts a stall that is going on.
  void settle(Clock::time_point now);

  std::optional<Clock::time_point> started() const { return started_; }
  std::uint64_t stalls() const { return stalls_; }
  MediaTime stalled() const { return stalled_; }

 private:
  struct Lane {
    bool used = false;
    MediaTime ahead{};  // end of its media, from where it plays
    MediaTime hold_back{};
  };
  // Of the lane that has least.
  MediaTime end_of_media() const;
  MediaTime played(Clock::time_point now) const;

  std::array<Lane, 2> lanes_{};
  std::optional<Clock::time_point> started_;
  bool ended_ = false;
  bool stands_still_ = false;
  std::uint64_t stalls_ = 0;
  MediaTime stalled_{};
};

}  // namespace srs::bench
