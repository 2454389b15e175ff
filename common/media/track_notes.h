// TrackNotes describes the tracks of a stream in words, once: "H.264 High 1280x720", "AAC 44100 Hz stereo".
//
// For log lines. A track is described by its codec's configuration, or by its first frame if the codec
// has none. One thread.
#pragma once

#include <optional>
#include <string>

#include "media/message.h"

namespace srs::media {

class TrackNotes {
 public:
  // A description, if this message brings a new one. At most max_notes times: a peer that keeps changing its
  // configuration must not fill the log.
  std::optional<std::string> add(const Message& message);

  // The descriptions so far; empty if unknown.
  const std::string& video() const { return video_; }
  const std::string& audio() const { return audio_; }

 private:
  static constexpr int max_notes = 20;

  std::string video_, audio_;
  int notes_ = 0;
};

}  // namespace srs::media
