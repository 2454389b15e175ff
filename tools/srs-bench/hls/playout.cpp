#include "srs-bench/hls/playout.h"

#include <algorithm>

namespace srs::bench {

void Playout::add_lane(std::size_t lane, MediaTime skipped, MediaTime hold_back) {
  lanes_[lane] = {true, -skipped, hold_back};
}

MediaTime Playout::end_of_media() const {
  MediaTime end = MediaTime::max();
  for (const Lane& lane : lanes_)
    if (lane.used) end = std::min(end, lane.ahead);
  return end;
}

MediaTime Playout::played(Clock::time_point now) const {
  return std::chrono::duration_cast<MediaTime>(now - *started_) - stalled_;
}

void Playout::settle(Clock::time_point now) {
  if (!started_ || ended_) return;
  const MediaTime missing = played(now) - end_of_media();
  if (missing.count() <= 0) return;
  if (!stalling_) ++stalls_;
  stalling_ = true;
  stalled_ += missing;
}

void Playout::on_media(std::size_t lane, MediaTime duration, Clock::time_point now) {
  settle(now);
  lanes_[lane].ahead += duration;
  const auto ready = [](const Lane& one) { return !one.used || one.ahead >= one.hold_back; };
  if (!started_ && std::all_of(lanes_.begin(), lanes_.end(), ready)) started_ = now;
  if (started_ && end_of_media() > played(now)) stalling_ = false;
}

void Playout::end(Clock::time_point now) {
  settle(now);
  ended_ = true;
}

}  // namespace srs::bench
