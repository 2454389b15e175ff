// Timestamps: follows the decoding times of a stream's frames and notices when they jump.
//
// A pipe's timestamps are absolute and monotonic: media that is missing is a gap on the same timeline, and
// only players that are told of it (EXT-X-DISCONTINUITY) pass over it without waiting. Frames
// that are far apart as a rule, one picture in two seconds, are no gap.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace srs::hls {

enum class Track : std::uint8_t { video, audio };

class Timestamps {
 public:
  static constexpr std::int64_t jump_ms = 1'000;

  // Goes on from what an earlier run wrote last.
  void restore(std::int64_t newest_ms) { newest_ = newest_ms; }

  bool jumps(Track track, std::int64_t dts_ms) const {
    if (!newest_) return false;
    if (dts_ms > *newest_ + std::max(jump_ms, 3 * usual_gap_ms_)) return true;
    // Tracks may be apart, so each is compared with itself: with its newest time, so that many small steps
    // back are a jump in the end. The first frame of a run has only the earlier run.
    if (const auto& last = last_of(track)) return dts_ms < *last - jump_ms;
    return !last_[0] && !last_[1] && dts_ms < *newest_ - jump_ms;
  }
  // The next frame; jumped: what jumps() said of it. After a jump both tracks are on a new timeline.
  void follow(Track track, std::int64_t dts_ms, bool jumped) {
    // A jump teaches, too: pictures that come every two seconds seem to jump once.
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

  std::optional<std::int64_t> newest() const { return newest_; }
  // How long the newest frame of a track lasts, as far as the ones before tell.
  std::int64_t interval_ms(Track track) const { return interval_ms_[static_cast<int>(track)]; }

 private:
  // After a hole in the stream, such as that of a publisher who looped a file, frames are no longer than
  // before.
  void learn(int track, std::int64_t gap_ms) {
    const std::int64_t before = std::exchange(gap_ms_[track], gap_ms);
    interval_ms_[track] = before > 0 ? std::min(before, gap_ms) : gap_ms;
  }
  const std::optional<std::int64_t>& last_of(Track track) const { return last_[static_cast<int>(track)]; }

  std::optional<std::int64_t> newest_;
  std::optional<std::int64_t> last_[2];  // the newest time of each track
  std::int64_t before_[2] = {0, 0};      // of the frame before, if there was one
  std::int64_t gap_ms_[2] = {0, 0};      // between the newest two frames
  std::int64_t interval_ms_[2] = {0, 0};
  std::int64_t usual_gap_ms_ = 0;
};

}  // namespace srs::hls
