#include "srs-probe/streams/stream.h"

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
  if (first(kind) == &its) pair_.on_frame(kind, frame.decoding_ms);
}

void Stream::on_end(StreamEnd end) {
  end_ = end;
  finish();
}

void Stream::finish() {
  for (Track& known : tracks_) known.finish();
  pair_.finish(end_ == StreamEnd::ended);
}

std::optional<Jump> Stream::stopped(const Track& track) const {
  if (first(track.kind()) != &track) return {};
  const Jump open{track.last_ms(), pair_.silent_ms(track.kind())};
  const bool is_gap = open.length_ms >= TrackPair::silence_ms && track.timing().is_gap(open.length_ms);
  return is_gap ? std::optional(open) : std::nullopt;
}

JumpList Stream::gaps(const Track& track) const {
  JumpList gaps = track.timing().gaps();
  if (const auto open = stopped(track)) gaps.add(*open);
  return gaps;
}

std::int64_t Stream::late_ms(const Track& track) const {
  return first(track.kind()) == &track ? pair_.late_ms(track.kind()) : 0;
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
