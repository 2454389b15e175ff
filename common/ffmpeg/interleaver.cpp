#include "ffmpeg/interleaver.h"

#include <algorithm>

namespace srs::ffmpeg {
namespace {

// A demuxer that outputs one track long before the other must not fill the memory.
constexpr std::size_t max_held_bytes = 64u << 20;
constexpr std::size_t max_held_tags = 20'000;

}  // namespace

void Interleaver::push(std::size_t track, TimedTag tag) {
  held_bytes_ += tag.payload.size();
  tracks_[track].held.push_back(std::move(tag));
}

void Interleaver::end(std::size_t track) {
  tracks_[track].ended = true;
}

// A track that is empty now may still get a tag earlier than all that are held.
bool Interleaver::must_wait() const {
  bool one_is_empty = false;
  for (const Track& track : tracks_) {
    one_is_empty |= track.held.empty() && !track.ended;
    if (track.held.empty()) continue;
    if (track.held.back().dts_ms - track.held.front().dts_ms > max_span_ms_) return false;
    if (track.held.size() > max_held_tags) return false;
  }
  return one_is_empty && held_bytes_ <= max_held_bytes;
}

std::optional<TimedTag> Interleaver::pop() {
  Track* earliest = nullptr;
  for (Track& track : tracks_) {
    if (track.held.empty()) continue;
    if (!earliest || track.held.front().dts_ms < earliest->held.front().dts_ms) earliest = &track;
  }
  if (!earliest || must_wait()) return std::nullopt;
  TimedTag tag = std::move(earliest->held.front());
  earliest->held.pop_front();
  held_bytes_ -= tag.payload.size();
  if (!shift_ms_) shift_ms_ = std::max<std::int64_t>(0, -tag.dts_ms);
  tag.dts_ms = std::max<std::int64_t>(0, tag.dts_ms + *shift_ms_);
  return tag;
}

}  // namespace srs::ffmpeg
