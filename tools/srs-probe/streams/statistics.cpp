#include "srs-probe/streams/statistics.h"

#include <algorithm>
#include <cmath>

namespace srs::probe {

void Spread::add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  sum_ += value;
  ++count_;
}

void RateMeter::add(std::int64_t at_ms, std::size_t size_bytes) {
  bytes_ += size_bytes;
  if (!started_ || at_ms >= second_end_ms_) {
    peak_bytes_ = std::max(peak_bytes_, second_bytes_);
    second_bytes_ = 0;
    // Seconds are counted from the first frame on; empty ones cannot be the peak.
    const std::int64_t skipped = started_ ? (at_ms - second_end_ms_) / 1000 : 0;
    second_end_ms_ = (started_ ? second_end_ms_ + skipped * 1000 : at_ms) + 1000;
    started_ = true;
  }
  second_bytes_ += size_bytes;
}

double RateMeter::average_bps(double duration_ms) const {
  return duration_ms > 0 ? static_cast<double>(bytes_) * 8000 / duration_ms : 0;
}

double RateMeter::peak_bps() const {
  return static_cast<double>(std::max(peak_bytes_, second_bytes_)) * 8;
}

void JumpList::add(Jump jump) {
  ++count_;
  if (jump.length_ms > largest_.length_ms) largest_ = jump;
  if (first_.size() < kept) first_.push_back(jump);
}

void GapDetector::add(std::int64_t at_ms) {
  if (!started_) {
    started_ = true;
    last_ms_ = at_ms;
    return;
  }
  const Jump interval{last_ms_, at_ms - last_ms_};
  last_ms_ = at_ms;
  if (interval.length_ms < 0) {
    backward_.add({interval.at_ms, -interval.length_ms});
    return;
  }
  // Compared with the intervals before it: a gap does not count as usual.
  if (recent_count_ >= enough) {
    if (!waiting_.empty()) finish();
    classify(interval);
  } else {
    waiting_.push_back(interval);
  }
  recent_[recent_count_++ % window] = interval.length_ms;
}

void GapDetector::finish() {
  for (const Jump& interval : waiting_) classify(interval);
  waiting_.clear();
}

void GapDetector::classify(Jump interval) {
  if (is_gap(interval.length_ms)) gaps_.add(interval);
}

std::int64_t GapDetector::median_interval_ms() const {
  const std::size_t count = std::min(recent_count_, window);
  if (count == 0) return 0;
  auto sorted = recent_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((count - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle;
}

void GopMeter::add(std::int64_t at_ms, bool key_frame) {
  if (!started_) {
    started_ = true;
    since_ms_ = at_ms;
  }
  const std::int64_t length = at_ms - since_ms_;
  if (length > longest_.length_ms) longest_ = {since_ms_, length};
  if (!key_frame) {
    key_frames_ > 0 ? ++current_frames_ : ++before_first_;
    return;
  }
  if (key_frames_++ > 0) {
    last_frames_ = current_frames_;
    last_duration_ms_ = length;
    frames_.add(static_cast<double>(current_frames_));
    duration_.add(static_cast<double>(length));
  }
  current_frames_ = 1;
  since_ms_ = at_ms;
}

void ReorderMeter::add(std::int64_t decoding_ms, std::int64_t offset_ms) {
  const std::int64_t shown_ms = decoding_ms + offset_ms;
  min_ = started_ ? std::min(min_, offset_ms) : offset_ms;
  max_ = started_ ? std::max(max_, offset_ms) : offset_ms;
  if (started_ && shown_ms < newest_shown_ms_) ++reordered_;
  newest_shown_ms_ = started_ ? std::max(newest_shown_ms_, shown_ms) : shown_ms;
  started_ = true;
}

void SkewMeter::on_video(std::int64_t at_ms) {
  video_ms_ = at_ms;
  has_video_ = true;
  sample();
}

void SkewMeter::on_audio(std::int64_t at_ms) {
  audio_ms_ = at_ms;
  has_audio_ = true;
  sample();
}

void SkewMeter::sample() {
  if (!has_video_ || !has_audio_) return;
  const std::int64_t newest_ms = std::max(video_ms_, audio_ms_);
  if (second_.count() == 0) second_end_ms_ = newest_ms + 1000;
  second_.add(static_cast<double>(video_ms_ - audio_ms_));
  if (newest_ms >= second_end_ms_) close_second();
}

void SkewMeter::close_second() {
  count_pending();
  if (second_.count() > 0) pending_ = second_.average();
  second_ = Spread{};
}

void SkewMeter::count_pending() {
  if (!pending_) return;
  last_ = *pending_;
  pending_.reset();
  total_.add(last_);
  if (std::abs(last_) > std::abs(worst_)) worst_ = last_;
}

void SkewMeter::discard() {
  pending_.reset();
  second_ = Spread{};
}

void SkewMeter::finish() {
  close_second();
  count_pending();
}

}  // namespace srs::probe
