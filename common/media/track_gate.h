// TrackGate finds out which tracks a stream has: those with frames.
//
// Players wait, some for ever, for a track that a header promises. So the gate opens once every kind that
// onMetaData announces (both, if it says nothing) has had a frame, or once 1 s of the stream has passed; the
// caller forces it open after 1 s of wall time. Afterwards a track that stops is left out until it is back
// (see TrackActivity).
#pragma once

#include <chrono>
#include <cstdint>

#include "media/message.h"
#include "media/metadata.h"
#include "media/track_activity.h"

namespace srs::media {

class TrackGate {
 public:
  static constexpr std::chrono::milliseconds patience{1000};

  void add(const Message& message);
  void force() { forced_ = true; }
  bool open() const;
  bool has_audio() const { return audio_.active(newest_ms_); }
  bool has_video() const { return video_.active(newest_ms_); }
  // Tracks that metadata or a codec header announced, or that had frames, and that have none now. None before
  // the gate is open.
  TrackSet left_out() const;
  // The same, but a track that never had a frame only once the stream is two seconds long: those worth
  // reporting.
  TrackSet missing() const;
  // Whether the track ever had a frame.
  bool had_audio() const { return audio_.seen(); }
  bool had_video() const { return video_.seen(); }
  // The time of its newest frame.
  std::int64_t last_audio_ms() const { return audio_.last_ms(); }
  std::int64_t newest_ms() const { return newest_ms_; }

 private:
  void add_metadata(const Message& message);
  void add_frame(const Message& message);

  TrackActivity audio_, video_;
  TrackSet announced_;             // by metadata or a codec header
  TrackSet expected_{true, true};  // before the gate opens
  bool forced_ = false;
  bool started_ = false;
  std::int64_t first_ms_ = 0;
  std::int64_t newest_ms_ = 0;
};

}  // namespace srs::media
