// SoundFiller: fills audio that has stopped with silence.
//
// Players that already play the stream have an audio buffer, and stall when it runs dry, whatever later
// playlists and init sections say: browsers reject segments with one track fewer than before. So audio that
// stops becomes silence until it is back, and players notice nothing more than that. Owned by its stream.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "codec/silence.h"
#include "core/slice.h"
#include "srs-hls/tracks/tracks.h"

namespace srs::hls {

class SoundFiller {
 public:
  // The most that is filled at once; of a longer pause only its end.
  static constexpr std::int64_t longest_ms = 20'000;

  // A silent frame of the audio's codec; nothing if unknown.
  void configure(std::optional<codec::SilentFrame> silence) {
    duration_ms_ = silence ? silence->duration_ms : 0;
    frame_ = silence ? Slice::copy_of(silence->bytes) : Slice();
  }
  bool possible() const { return duration_ms_ > 0; }

  // An audio frame. False: its time is already filled with silence.
  bool on_sound(std::int64_t dts_ms) {
    const double dts = static_cast<double>(dts_ms);
    on_ = false;
    if (dts < end_ms_ - duration_ms_ / 2 && dts > end_ms_ - static_cast<double>(longest_ms)) return false;
    end_ms_ = dts + duration_ms_;
    return true;
  }
  // Audio has stopped: silence begins where it ended, or at this time if that is later.
  void begin(std::int64_t not_before_ms) {
    if (!std::exchange(on_, true)) end_ms_ = std::max(end_ms_, static_cast<double>(not_before_ms));
  }
  bool on() const { return on_; }
  // The next frame of silence, if it ends before this time.
  std::optional<Frame> next(std::int64_t until_ms) {
    const double until = static_cast<double>(until_ms);
    if (!on_ || end_ms_ + duration_ms_ > until) return {};
    end_ms_ = std::max(end_ms_, until - static_cast<double>(longest_ms));
    const std::int64_t at_ms = std::llround(end_ms_);
    end_ms_ += duration_ms_;
    return Frame{Track::audio, false, false, {at_ms, at_ms}, frame_, frame_.bytes(), {}};
  }
  // The following frames are on another timeline.
  void jump(std::int64_t to_ms) { end_ms_ = static_cast<double>(to_ms); }

 private:
  Slice frame_;
  double duration_ms_ = 0;  // of a frame of silence
  double end_ms_ = 0;       // of the newest audio
  bool on_ = false;
};

}  // namespace srs::hls
