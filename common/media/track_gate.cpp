#include "media/track_gate.h"

#include <algorithm>
#include <cstdlib>

#include "media/metadata.h"

namespace srs::media {
namespace {

// Farther from the newest frame, the stream's time has jumped.
constexpr std::int64_t max_step_ms = 10'000;

}  // namespace

void TrackGate::add(const Message& message) {
  if (message.kind == MessageKind::metadata) return add_metadata(message);
  if (message.kind == MessageKind::audio_header) announced_.audio = true;
  if (message.kind == MessageKind::video_header) announced_.video = true;
  if (message.is_frame()) add_frame(message);  // headers may have any time
}

void TrackGate::add_metadata(const Message& message) {
  if (forced_ || (started_ && open())) return;  // too late to matter, and parsing takes time
  const TrackSet announced = announced_tracks(message.payload.bytes());
  if (!announced.audio && !announced.video) return;
  expected_ = {announced.audio, announced.video};
  announced_.audio |= announced.audio;
  announced_.video |= announced.video;
}

void TrackGate::add_frame(const Message& message) {
  const std::int64_t time = message.timestamp_ms;
  if (!started_) first_ms_ = newest_ms_ = time;
  started_ = true;
  if (std::abs(time - newest_ms_) > max_step_ms) {
    audio_.rebase(time);
    video_.rebase(time);
    if (!open()) first_ms_ = time;
    newest_ms_ = time;
  }
  newest_ms_ = std::max(newest_ms_, time);
  (message.is_audio() ? audio_ : video_).add(time);
}

bool TrackGate::open() const {
  if (forced_ || newest_ms_ - first_ms_ > patience.count()) return true;
  return (audio_.seen() || !expected_.audio) && (video_.seen() || !expected_.video);
}

TrackSet TrackGate::left_out() const {
  if (!open()) return {};
  return {!has_audio() && (announced_.audio || audio_.seen()),
          !has_video() && (announced_.video || video_.seen())};
}

TrackSet TrackGate::missing() const {
  const bool is_due = newest_ms_ - first_ms_ >= TrackActivity::patience_ms;
  const TrackSet out = left_out();
  return {out.audio && (is_due || audio_.seen()), out.video && (is_due || video_.seen())};
}

}  // namespace srs::media
