// StreamMeter measures a stream as it passes: rates, key frames, how far sound and picture are apart.
//
// Gets each message from the thread that handles it; that costs a few additions, no memory. Figures are
// computed on request. Rates are those of the last five seconds: bytes by the wall clock, frames by the
// stream's own timestamps, so that a burst (a GOP cache) does not look like a thousand frames a second. One
// thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "media/message.h"
#include "media/track_notes.h"

namespace srs::media {

class StreamMeter {
 public:
  using Clock = std::chrono::steady_clock;

  struct Figures {
    std::uint64_t bytes = 0;         // of payload
    std::uint64_t video_frames = 0;  // since the beginning
    std::uint64_t audio_frames = 0;
    std::uint64_t key_frames = 0;
    std::uint64_t discontinuities = 0;
    double bits_per_second = 0;
    double frames_per_second = 0;                 // of the picture
    std::optional<double> gop_seconds;            // between the newest two key frames
    std::optional<double> key_frame_age_seconds;  // since the newest one came
    std::optional<double> skew_seconds;           // how far the newest picture is ahead of the newest sound
  };

  void add(const Message& message, Clock::time_point now);
  Figures figures(Clock::time_point now) const;
  // The tracks, in words.
  const TrackNotes& tracks() const { return notes_; }

 private:
  static constexpr std::int64_t window_seconds = 5;

  struct Second {
    std::int64_t number = -1;  // of the clock
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
    std::int64_t first_ms = 0;  // timestamp of the first frame of the picture
  };

  Second& second_at(Clock::time_point now);
  void add_video(const Message& message, Clock::time_point now);

  Figures totals_;
  TrackNotes notes_;
  std::array<Second, window_seconds + 1> seconds_;  // the newest, unfinished one among them
  Clock::time_point begun_{};
  Clock::time_point key_frame_at_{};
  std::int64_t key_frame_ms_ = -1;
  std::int64_t newest_video_ms_ = -1;
  std::int64_t newest_audio_ms_ = -1;
};

}  // namespace srs::media
