#include "srs-hls/cut/lane.h"

#include <fmt/format.h>

#include <algorithm>

namespace srs::hls {

using std::chrono::milliseconds;

namespace {

// After this many frames, audio no longer waits for pictures.
constexpr std::size_t early_max = 64;
constexpr std::size_t early_bytes_max = 1u << 20;

}  // namespace

void Lane::begin(const Start& start, std::int64_t pts_ms, std::int64_t dts_ms) {
  open_ = true;
  has_frames_ = part_has_frames_ = false;
  begins_with_idr_.reset();
  start_ms_ = end_ms_ = pts_ms;
  size_bytes_ = 0;
  parts_duration_ = milliseconds(0);
  leader_ = Track::audio;
  leader_frames_ = 0;
  part_start_dts_ms_ = leader_start_dts_ms_ = leader_end_dts_ms_ = dts_ms;
  Segment segment;
  segment.program_date_time = start.program_date_time;
  segment.discontinuity = start.discontinuity;
  if (keys_ != nullptr) segment.key = keys_->begin_segment(rendition_.playlist().next_sequence(), muxer_);
  rendition_.begin(std::move(segment));
  muxer_.begin_segment();
}

bool Lane::part_is_full(std::int64_t interval_ms) const {
  const milliseconds target = rendition_.playlist().part_target;
  if (target.count() == 0) return false;
  return milliseconds(leader_end_dts_ms_ - part_start_dts_ms_ + interval_ms) > target || part_is_due();
}

bool Lane::part_is_due() const {
  return muxer_.size_bytes() > part_size_max || elapsed_ - part_begun_at_ > part_time_max;
}

// A part with nothing but the audio between two pictures would be too short.
bool Lane::waits_for_picture(const Frame& frame) const {
  return frame.track == Track::audio && leader_ == Track::video && !part_has_frames_ &&
         rendition_.playlist().part_target.count() > 0 && early_.size() < early_max &&
         early_bytes_ + frame.body.size() < early_bytes_max;
}

bool Lane::mux(const Frame& frame) {
  if (frame.track == Track::video) return muxer_.write_video(frame.body, frame.time, frame.key);
  return muxer_.write_audio(frame.body, frame.time);
}

void Lane::write(const Frame& frame, std::int64_t interval_ms, milliseconds elapsed) {
  elapsed_ = elapsed;
  if (waits_for_picture(frame)) {
    early_bytes_ += frame.body.size();
    return early_.push_back(frame.owned_copy());
  }
  const bool video = frame.track == Track::video;
  if (!mux(frame)) return;
  if (!part_has_frames_) part_begun_at_ = elapsed_;
  for (const Frame& early : early_) mux(early);
  early_.clear();
  early_bytes_ = 0;
  if (video && !begins_with_idr_) begins_with_idr_ = frame.idr;
  if (!part_has_frames_) part_independent_ = video ? frame.idr : true;
  if (video && leader_ == Track::audio) {
    leader_ = Track::video;
    leader_frames_ = 0;
    leader_start_dts_ms_ = frame.time.dts_ms;
    part_independent_ = frame.idr;
  }
  has_frames_ = part_has_frames_ = true;
  end_ms_ = std::max(end_ms_, frame.time.pts_ms + interval_ms);
  if (frame.track != leader_) return;
  ++leader_frames_;
  leader_end_dts_ms_ = frame.time.dts_ms + interval_ms;
  if (part_is_full(interval_ms)) end_part(std::nullopt, leader_end_dts_ms_);
}

void Lane::end_part(std::optional<std::int64_t> next_dts_ms, std::int64_t end_dts_ms) {
  if (!part_has_frames_) return;
  Slice content = muxer_.end_part(next_dts_ms);
  // VP9 states its size in the first key frame only.
  rendition_.set_map(muxer_.init_section());
  size_bytes_ += content.size();
  const milliseconds target = rendition_.playlist().part_target;
  // A hole in the source, too short for a jump: the frame lasts longer, the part's listed duration stays
  // within its limit.
  const auto lasts = std::max(milliseconds(end_dts_ms - part_start_dts_ms_), milliseconds(1));
  const auto duration = std::min(lasts, target);
  parts_duration_ += lasts;
  rendition_.add_part(std::move(content), duration, part_independent_);
  part_start_dts_ms_ = end_dts_ms;
  part_has_frames_ = false;
}

void Lane::finish(const MediaTime* next, milliseconds longest, const std::string& state) {
  open_ = false;
  if (next == nullptr && !early_.empty()) {
    for (const Frame& early : early_) part_has_frames_ |= mux(early);
    early_.clear();
    early_bytes_ = 0;
  }
  const bool by_next = next != nullptr && leader_frames_ > 0;
  const std::optional<std::int64_t> next_dts = by_next ? std::optional(next->dts_ms) : std::nullopt;
  if (by_next) leader_end_dts_ms_ = std::max(next->dts_ms, leader_start_dts_ms_ + 1);
  if (leader_frames_ > 0)
    frame_interval_ms_ =
        static_cast<double>(leader_end_dts_ms_ - leader_start_dts_ms_) / static_cast<double>(leader_frames_);
  picture_interval_ms_ = leader_ == Track::video ? frame_interval_ms_ : 0;
  milliseconds duration = by_next ? milliseconds(next->pts_ms - start_ms_) : duration_so_far();
  Content content;
  if (rendition_.playlist().part_target.count() > 0) {
    end_part(next_dts, leader_end_dts_ms_);
    duration = parts_duration_;
  } else {
    content.push_back(muxer_.end_part(next_dts));
    rendition_.set_map(muxer_.init_section());
    if (keys_ != nullptr) content = keys_->encrypt(std::move(content));
  }
  duration = std::max(duration, milliseconds(1));
  // Wrong composition times may give a longer duration than the decoding times.
  if (longest.count() > 0) duration = std::min(duration, longest);
  rendition_.complete(std::move(content), duration, begins_with_idr_.value_or(true),
                      fmt::format("{} muxer={}", state, muxer_.state()));
}

void Lane::abandon() {
  if (!std::exchange(open_, false)) return;
  muxer_.end_part(std::nullopt);
  rendition_.abandon();
}

void Lane::add_gap(const Start& start, milliseconds duration, const std::string& state) {
  abandon();
  Segment segment;
  segment.program_date_time = start.program_date_time;
  segment.discontinuity = start.discontinuity;
  segment.duration = duration;
  rendition_.add_gap(std::move(segment), fmt::format("{} muxer={}", state, muxer_.state()));
}

}  // namespace srs::hls
