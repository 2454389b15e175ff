// Timestamps: follows the decoding times of a stream's frames and notices when they jump.
//
// A pipe's timestamps are absolute and monotonic: missing media is a gap on the same timeline, and players
// skip it without waiting only if the playlist marks it (EXT-X-DISCONTINUITY). Frames that are regularly far
// apart, such as one picture in two seconds, are no gap.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace srs::hls {

enum class Track : std::uint8_t { video, audio };

constexpr Track other(Track track) {
  return track == Track::video ? Track::audio : Track::video;
}

class Timestamps {
 public:
  static constexpr std::int64_t jump_ms = 1'000;

  // Continues from the last timestamp of an earlier run.
  void restore(std::int64_t newest_ms) { newest_ = newest_ms; }

  bool jumps(Track track, std::int64_t dts_ms) const {
    if (!newest_) return false;
    if (dts_ms > *newest_ + std::max(jump_ms, 3 * usual_gap_ms_)) return true;
    // Tracks may be apart, so each is compared with itself: with its newest time, so that many small steps
    // back add up to a jump. The first frame of a run can only be compared with the earlier run.
    if (const auto& last = last_of(track)) return dts_ms < *last - jump_ms;
    return !last_[0] && !last_[1] && dts_ms < *newest_ - jump_ms;
  }
  // The next frame. jumped: the result of jumps(). After a jump both tracks are on a new timeline.
  void follow(Track track, std::int64_t dts_ms, bool jumped) {
    // A jump counts, too: pictures every two seconds look like a jump once.
    if (newest_)
      usual_gap_ms_ += (std::clamp<std::int64_t>(dts_ms - *newest_, 0, 10'000) - usual_gap_ms_) / 2;
    if (jumped) {
      newest_.reset();
      last_[0].reset();
      last_[1].reset();
    }
    auto& last = last_[static_cast<int>(track)];
    auto& before = before_[static_cast<int>(track)];
    if (last && dts_ms > before) learn(static_cast<int>(track), std::min(dts_ms - before, jump_ms));
    before = dts_ms;
    last = last ? std::max(*last, dts_ms) : dts_ms;
    newest_ = newest_ ? std::max(*newest_, dts_ms) : dts_ms;
  }

  // Whether the track still has frames at this time. (Tracks may be this much apart.)
  bool goes_on(Track track, std::int64_t dts_ms) const {
    constexpr std::int64_t apart_ms = 500;
    const auto& last = last_of(track);
    return last && dts_ms <= *last + std::max(apart_ms, 3 * interval_ms(track));
  }

  std::optional<std::int64_t> newest() const { return newest_; }
  // The duration of a track's newest frame, estimated from those before.
  std::int64_t interval_ms(Track track) const { return interval_ms_[static_cast<int>(track)]; }

 private:
  // After a hole in the stream, such as from a publisher that looped a file, frames last no longer than
  // before.
  void learn(int track, std::int64_t gap_ms) {
    const std::int64_t before = std::exchange(gap_ms_[track], gap_ms);
    interval_ms_[track] = before > 0 ? std::min(before, gap_ms) : gap_ms;
  }
  const std::optional<std::int64_t>& last_of(Track track) const { return last_[static_cast<int>(track)]; }

  std::optional<std::int64_t> newest_;
  std::optional<std::int64_t> last_[2];  // the newest time of each track
  std::int64_t before_[2] = {0, 0};      // of the previous frame, if there was one
  std::int64_t gap_ms_[2] = {0, 0};      // between the newest two frames
  std::int64_t interval_ms_[2] = {0, 0};
  std::int64_t usual_gap_ms_ = 0;
};

}  // namespace srs::hls
