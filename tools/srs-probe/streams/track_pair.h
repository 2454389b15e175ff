// TrackPair: compares the main video and audio track of a stream: how far they are apart, which one stopped
// while the other continued, and which began late.
//
// All this follows from the order of frames in the stream. MP4 files and segments hold a fragment's pictures
// before its audio, and players order frames by time: order_by_time() is for these. Then frames wait for
// those of the other track, for span_max_ms at most. One thread; constant memory.
#pragma once

#include <cstdint>
#include <deque>

#include "srs-probe/streams/statistics.h"
#include "srs-probe/streams/track.h"

namespace srs::probe {

class TrackPair {
 public:
  // A track without frames while the other continues for this long is silent: not late, but gone.
  static constexpr std::int64_t silence_ms = 1'000;
  // Longer than any segment or fragment.
  static constexpr std::int64_t span_max_ms = 20'000;
  static constexpr std::size_t held_max = 16'384;  // frames of a track

  void order_by_time() { ordered_ = true; }

  void on_frame(TrackKind kind, std::int64_t at_ms);
  // ended: the stream has ended, so held frames are released.
  void finish(bool ended);

  const SkewMeter& skew() const { return skew_; }
  // How far the other track has continued since the last frame of this one; 0 if there is no other. Catching
  // up does not count.
  std::int64_t silent_ms(TrackKind kind) const;
  // How far the other track was ahead at the first frame of this one; 0 if this one came first.
  std::int64_t late_ms(TrackKind kind) const { return side(kind).late_ms; }

 private:
  struct Side {
    bool seen = false;
    std::int64_t first_ms = 0, last_ms = 0;
    std::int64_t advanced_ms = 0;  // sum of its forward steps
    std::int64_t silent_ms = 0, late_ms = 0;
    std::deque<std::int64_t> held;
  };

  const Side& side(TrackKind kind) const { return sides_[static_cast<int>(kind)]; }
  void add(TrackKind kind, std::int64_t at_ms);
  bool is_overdue(const Side& waiting) const;
  void release(TrackKind kind);

  bool ordered_ = false;
  Side sides_[2];
  SkewMeter skew_;
};

}  // namespace srs::probe
