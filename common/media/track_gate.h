// TrackGate learns which tracks a stream has, before the FLV header that promises them is written.
//
// Header flags cannot change later, and some players wait forever for a track that they
// promise. The gate opens once every kind that onMetaData announces (both, if it says nothing)
// has shown a message; or once 1 s of the stream has passed; the caller opens it by force after
// 1 s of wall time.
#pragma once

#include <chrono>
#include <cstdint>

#include "media/message.h"

namespace srs::media {

class TrackGate {
 public:
  static constexpr std::chrono::milliseconds patience{1000};

  void add(const Message& message);
  void force() { forced_ = true; }
  bool open() const;
  bool has_audio() const { return has_audio_; }
  bool has_video() const { return has_video_; }

 private:
  bool has_audio_ = false;
  bool has_video_ = false;
  bool expects_audio_ = true;
  bool expects_video_ = true;
  bool forced_ = false;
  bool started_ = false;
  std::int64_t first_ms_ = 0;
  std::int64_t newest_ms_ = 0;
};

}  // namespace srs::media
