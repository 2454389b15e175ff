// Lane: passes the frames of one rendition through its muxer, and keeps the times at which its segments and
// parts begin and end.
//
// The segmenter decides where segments are cut; a lane cuts parts by itself (Low-Latency HLS). A part ends as
// soon as the next frame would no longer fit, without waiting for that frame. Owned by its segmenter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "srs-hls/mux/keys.h"
#include "srs-hls/mux/segment_muxer.h"
#include "srs-hls/playlist/rendition.h"
#include "srs-hls/tracks/tracks.h"

namespace srs::hls {

class Lane {
 public:
  // keys: null for clear segments.
  Lane(SegmentMuxer& muxer, Rendition& rendition, Keys* keys)
      : muxer_(muxer), rendition_(rendition), keys_(keys) {}

  struct Start {
    bool discontinuity = false;
    Utc program_date_time;
  };

  bool open() const { return open_; }
  void begin(const Start& start, std::int64_t pts_ms, std::int64_t dts_ms);
  // A part ends at this size, or after this wall time, whatever its timestamps say.
  static constexpr std::size_t part_size_max = 8u << 20;
  static constexpr std::chrono::milliseconds part_time_max{10'000};

  // interval_ms: the frame's duration, as far as known. elapsed: the wall time during which frames arrived,
  // from any fixed start.
  void write(const Frame& frame, std::int64_t interval_ms, std::chrono::milliseconds elapsed);
  // Whether anything was written since begin().
  bool has_frames() const { return has_frames_; }
  // The segment's duration if it ends where its frames end.
  std::chrono::milliseconds duration_so_far() const { return std::chrono::milliseconds(end_ms_ - start_ms_); }
  // Ends the segment and lists it. state: saved for the next run. next: the next frame of this lane, if
  // known. longest: the longest duration the playlist allows; 0: no limit yet.
  void finish(const MediaTime* next, std::chrono::milliseconds longest, const std::string& state);
  // Discards the open segment, if any.
  void abandon();
  // Lists a segment for which this lane has no frames, as a gap.
  void add_gap(const Start& start, std::chrono::milliseconds duration, const std::string& state);

  // Before the first segment: the duration of pictures and of audio frames, in ms; 0: none, or unknown.
  void set_intervals(double picture_ms, double sound_ms) {
    picture_interval_ms_ = picture_ms;
    frame_interval_ms_ = picture_ms > 0 ? picture_ms : sound_ms;
  }
  // The average duration of the pictures (or else the audio frames) of the last segment.
  double frame_interval_ms() const { return frame_interval_ms_; }
  // Of pictures only; 0: there were none.
  double picture_interval_ms() const { return picture_interval_ms_; }
  std::size_t size_bytes() const { return size_bytes_ + held_bytes(); }
  // Bytes that are not in the rendition yet.
  std::size_t held_bytes() const { return muxer_.size_bytes() + early_bytes_; }
  Rendition& rendition() { return rendition_; }
  const Rendition& rendition() const { return rendition_; }
  SegmentMuxer& muxer() { return muxer_; }
  const SegmentMuxer& muxer() const { return muxer_; }

 private:
  bool waits_for_picture(const Frame& frame) const;
  bool mux(const Frame& frame);
  bool part_is_full(std::int64_t interval_ms) const;
  bool part_is_due() const;
  void end_part(std::optional<std::int64_t> next_dts_ms, std::int64_t end_dts_ms);

  SegmentMuxer& muxer_;
  Rendition& rendition_;
  Keys* const keys_;

  bool open_ = false;
  bool has_frames_ = false;
  std::optional<bool> begins_with_idr_;  // of its first picture
  std::int64_t start_ms_ = 0;            // presentation
  std::int64_t end_ms_ = 0;
  std::size_t size_bytes_ = 0;  // of the finished parts
  std::optional<std::uint64_t> key_number_;

  // The track whose frames are counted and that parts are cut by: video if there is any.
  Track leader_ = Track::audio;
  std::int64_t leader_frames_ = 0;
  std::int64_t leader_start_dts_ms_ = 0;
  std::int64_t leader_end_dts_ms_ = 0;
  double frame_interval_ms_ = 0;
  double picture_interval_ms_ = 0;

  bool part_has_frames_ = false;
  bool part_independent_ = false;
  std::int64_t part_start_dts_ms_ = 0;
  std::chrono::milliseconds parts_duration_{0};
  std::chrono::milliseconds elapsed_{0};
  std::chrono::milliseconds part_begun_at_{0};  // in terms of elapsed_
  std::vector<Frame> early_;  // audio after the last picture of a part: it goes into the next part
  std::size_t early_bytes_ = 0;
};

}  // namespace srs::hls
