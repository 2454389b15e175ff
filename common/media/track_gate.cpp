#include "media/track_gate.h"

#include <algorithm>

#include "media/metadata.h"

namespace srs::media {

void TrackGate::add(const Message& message) {
  if (message.kind == MessageKind::metadata) {
    if (forced_ || (started_ && open())) return;  // nobody asks any more, and it takes time to look
    const AnnouncedTracks announced = announced_tracks(message.payload.bytes());
    if (announced.audio || announced.video) {
      expects_audio_ = announced.audio;
      expects_video_ = announced.video;
    }
    return;
  }
  if (!message.is_audio() && !message.is_video()) return;
  (message.is_audio() ? has_audio_ : has_video_) = true;
  if (message.is_header()) return;  // some say 0 whatever the frames say
  if (!started_) first_ms_ = newest_ms_ = message.timestamp_ms;
  started_ = true;
  newest_ms_ = std::max(newest_ms_, message.timestamp_ms);
}

bool TrackGate::open() const {
  if (forced_ || newest_ms_ - first_ms_ > patience.count()) return true;
  return (has_audio_ || !expects_audio_) && (has_video_ || !expects_video_);
}

}  // namespace srs::media
