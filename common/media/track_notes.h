// TrackNotes: what the tracks of a stream are, said once in words: "H.264 High 1280x720",
// "AAC 44100 Hz stereo".
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
  // Something to say, if this message tells something new. Only max_notes times: a peer that changes its
  // configuration all the time must not fill the log.
  std::optional<std::string> add(const Message& message);

  // What is known by now, empty if nothing.
  const std::string& video() const { return video_; }
  const std::string& audio() const { return audio_; }

 private:
  static constexpr int max_notes = 20;

  std::string video_, audio_;
  int notes_ = 0;
};

}  // namespace srs::media
