#include "stream.h"

#include <algorithm>

namespace srs::probe {

Track& Stream::track(TrackKind kind, unsigned id) {
  for (Track& known : tracks_)
    if (known.kind() == kind && known.id() == id) return known;
  return tracks_.emplace_back(kind, id);
}

const Track* Stream::first(TrackKind kind) const {
  for (const Track& known : tracks_)
    if (known.kind() == kind && known.frames() > 0) return &known;
  return nullptr;
}

void Stream::on_frame(TrackKind kind, unsigned id, const Frame& frame, WallMs now) {
  if (!first_media_) {
    first_media_ = now;
    first_ms_ = frame.decoding_ms;
  } else {
    longest_silence_ = std::max(longest_silence_, now - newest_media_);
  }
  newest_media_ = now;
  if (kind == TrackKind::video && frame.key_frame && !first_key_frame_) first_key_frame_ = now;
  Track& its = track(kind, id);
  its.on_frame(frame);
  rate_.add(frame.decoding_ms, frame.size_bytes);
  if (first(kind) != &its) return;  // skew is measured between the main tracks
  kind == TrackKind::video ? skew_.on_video(frame.decoding_ms) : skew_.on_audio(frame.decoding_ms);
}

void Stream::on_end(StreamEnd end) {
  end_ = end;
  finish();
}

void Stream::finish() {
  for (Track& known : tracks_) known.finish();
  skew_.finish();
}

double Stream::declared_frame_rate(const Track& track) const {
  return track.description().frame_rate > 0 ? track.description().frame_rate : declared_frame_rate_;
}

double Stream::duration_ms() const {
  double longest = 0;
  for (const Track& known : tracks_) longest = std::max(longest, known.duration_ms());
  return longest;
}

}  // namespace srs::probe
