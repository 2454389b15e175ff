// Segmenter: frames in, listed segments out. It decides where segments are cut, and how.
//
// One lane carries video and audio together, or each has a lane of its own; their segments begin and end
// together and have the same numbers. Owned by its stream.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "srs-hls/cut/cut_budget.h"
#include "srs-hls/cut/cut_plan.h"
#include "srs-hls/cut/cut_rule.h"
#include "srs-hls/cut/lane.h"
#include "srs-hls/cut/stream_limits.h"
#include "srs-hls/time/program_clock.h"
#include "srs-hls/time/timestamps.h"
#include "srs-hls/tracks/tracks.h"

namespace srs::hls {

struct CutSettings {
  std::chrono::milliseconds target{2'000};
  std::chrono::milliseconds part{0};        // 0: no parts
  std::uint64_t segment_bytes = 64u << 20;  // see Limits
};

class Segmenter {
 public:
  // lanes: one for both tracks, or video and audio. plan: the ladder's, or null.
  Segmenter(std::string path, const CutSettings& settings, std::vector<Lane> lanes, CutPlan* plan,
            const Clock& clock, const cli::Log& log);

  // Continues from the state of the renditions.
  void resume();

  // Timestamps of the pipe have 32 bits and are unwrapped from a source's first one on. Returns the multiple
  // of 2^32 ms to add to such a time so that it is near the end of the playlist, or the ladder's position.
  std::int64_t wrap_offset_ms(std::int64_t time_ms) const;
  // The time of a source's first frame, in ms, wrap offset included.
  void on_first_frame(std::int64_t dts_ms) {
    if (plan_ != nullptr) plan_->on_first_frame(dts_ms);
  }

  // Whether the part duration is still open: set_intervals() sets it before the first frame, otherwise the
  // first segment does. Frame durations in milliseconds, 0 for a track that does not exist.
  bool needs_intervals() const;
  void set_intervals(double picture_ms, double sound_ms);

  // The stream's frames in decoding order. configuration: see Tracks. Unusable frames (pictures before the
  // first key frame) are left out.
  void add(const Frame& frame, std::uint64_t configuration, bool has_video);
  // Whether the frame does not continue the timeline of those before it.
  bool jumps(const Frame& frame) const { return timestamps_.jumps(frame.track, frame.time.dts_ms); }
  // The next frame is on another timeline than those before.
  void start_new_timeline() { new_timeline_ = true; }
  // Pictures are left out until the next key frame.
  void await_key_frame() { awaits_key_frame_ = true; }
  // Ends the segment where its frames end, and lists it.
  void finish() { close(nullptr); }

  // From now on segments end at this size, at most that of the settings. 0: the settings' size.
  void limit_segment(std::uint64_t bytes) { limit_bytes_ = bytes; }

  // Start of the open, or else the last, segment.
  std::int64_t segment_start_ms() const { return start_ms_; }
  std::uint64_t segment_configuration() const { return configuration_; }
  ProgramClock& program_clock() { return program_clock_; }
  // Measured; 0: not known yet, or no pictures.
  double frame_rate() const;
  // Segments that had to end between key frames.
  std::uint64_t missing_key_frames() const { return missing_key_frames_; }
  // Segments that were ended by their size or their wall time.
  std::uint64_t forced_cuts() const { return forced_cuts_; }
  // Bytes of the open segment.
  std::size_t held_bytes() const;

 private:
  enum class Cut { none, here, last_resort };

  Lane& lane_of(Track track) { return lanes_.size() > 1 && track == Track::audio ? lanes_[1] : lanes_[0]; }
  Rendition& first_rendition() { return lanes_[0].rendition(); }
  Cut decide_cut(const Frame& frame, std::uint64_t configuration, bool has_video);
  Cut decide_cut_by_length(const Frame& frame, bool has_video);
  Cut forced_cut(const Frame& frame);
  bool is_due(const Frame& frame, bool at_key_frame) const;
  void count_arrival();
  bool may_open();
  void report_forced_cut();
  bool cut_at_key_frame(const Frame& frame, std::uint64_t configuration);
  void report_long_gop();
  void open(const Frame& frame, std::uint64_t configuration, bool jumped);
  void write(const Frame& frame);
  // next: the first frame of the next segment, or null.
  void close(const Frame* next);
  void add_gap(Lane& lane, std::chrono::milliseconds duration);
  void settle(std::chrono::milliseconds first_duration);
  std::chrono::milliseconds fitting_part(std::chrono::milliseconds asked) const;
  void announce_parts();
  void settle_parts();
  std::string state(const Lane& lane) const;

  const std::string path_;
  const CutSettings settings_;
  std::vector<Lane> lanes_;
  CutPlan* const plan_;
  const Clock& clock_;
  const cli::Log& log_;
  CutRule rule_;
  Timestamps timestamps_;
  ProgramClock program_clock_;

  bool continues_ = false;           // a segment was listed before, by this run or an earlier one
  std::uint64_t configuration_ = 0;  // of the open or last segment
  bool awaits_key_frame_ = false;
  bool new_timeline_ = false;
  std::optional<std::int64_t> last_key_ms_;
  bool reported_long_gop_ = false;
  std::uint64_t missing_key_frames_ = 0;
  std::uint64_t forced_cuts_ = 0;
  bool reported_forced_cut_ = false;
  std::uint64_t limit_bytes_ = 0;
  CutBudget budget_;
  bool was_short_ = false;  // the segment before
  bool reported_short_ = false;

  // Wall time during which frames arrived. A pause counts as one second at most, since delayed frames arrive
  // all at once afterwards.
  std::optional<std::chrono::steady_clock::time_point> last_arrival_;
  std::chrono::milliseconds elapsed_{0};           // since the first frame
  std::chrono::milliseconds segment_begun_at_{0};  // value of elapsed_ when the open segment began

  // The open segment.
  bool open_ = false;
  std::int64_t start_ms_ = 0;
  bool discontinuity_[2] = {false, false};  // not listed by the lane yet
};

}  // namespace srs::hls
