#include "srs-probe/streams/track_pair.h"

#include <algorithm>

namespace srs::probe {

void TrackPair::on_frame(TrackKind kind, std::int64_t at_ms) {
  if (!ordered_) return add(kind, at_ms);
  Side& own = sides_[static_cast<int>(kind)];
  const Side& video = side(TrackKind::video);
  const Side& audio = side(TrackKind::audio);
  own.held.push_back(at_ms);
  while (!video.held.empty() && !audio.held.empty())
    release(video.held.front() <= audio.held.front() ? TrackKind::video : TrackKind::audio);
  while (is_overdue(own)) release(kind);
}

bool TrackPair::is_overdue(const Side& waiting) const {
  return !waiting.held.empty() &&
         (waiting.held.size() > held_max || waiting.held.back() - waiting.held.front() > span_max_ms);
}

void TrackPair::release(TrackKind kind) {
  Side& own = sides_[static_cast<int>(kind)];
  const std::int64_t at_ms = own.held.front();
  own.held.pop_front();
  add(kind, at_ms);
}

void TrackPair::add(TrackKind kind, std::int64_t at_ms) {
  Side& own = sides_[static_cast<int>(kind)];
  Side& other = sides_[1 - static_cast<int>(kind)];
  if (!own.seen) {
    if (other.seen) own.late_ms = std::clamp<std::int64_t>(at_ms - other.first_ms, 0, other.advanced_ms);
    own.seen = true;
    own.first_ms = at_ms;
  } else {
    const std::int64_t step_ms = std::max<std::int64_t>(at_ms - own.last_ms, 0);
    own.advanced_ms += step_ms;
    // Only what exceeds this track's own silence is silence of the other.
    if (other.seen) other.silent_ms += std::max<std::int64_t>(step_ms - own.silent_ms, 0);
  }
  own.last_ms = at_ms;
  own.silent_ms = 0;
  kind == TrackKind::video ? skew_.on_video(at_ms) : skew_.on_audio(at_ms);
  if (other.silent_ms > silence_ms) skew_.discard();
}

std::int64_t TrackPair::silent_ms(TrackKind kind) const {
  const Side& own = side(kind);
  const Side& other = sides_[1 - static_cast<int>(kind)];
  return std::clamp<std::int64_t>(other.last_ms - own.last_ms, 0, own.silent_ms);
}

void TrackPair::finish(bool ended) {
  for (const TrackKind kind : {TrackKind::video, TrackKind::audio})
    while (ended && !side(kind).held.empty()) release(kind);
  // A track that ends slightly before the other does not count as skew.
  constexpr std::int64_t usual_ms = 300;
  if (std::max(sides_[0].silent_ms, sides_[1].silent_ms) > usual_ms) skew_.discard();
  skew_.finish();
}

}  // namespace srs::probe
