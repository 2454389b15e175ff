// Segmenter: frames in, listed segments out. It decides where segments are cut and what a cut means.
//
// One lane carries video and sound together, or one each of them; their segments begin and end together and
// have the same numbers. Belongs to its stream.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "clock.h"
#include "cut_budget.h"
#include "cut_plan.h"
#include "cut_rule.h"
#include "lane.h"
#include "program_clock.h"
#include "stream_limits.h"
#include "timestamps.h"
#include "tracks.h"

namespace srs::hls {

struct CutSettings {
  std::chrono::milliseconds target{2'000};
  std::chrono::milliseconds part{0};        // 0: no parts
  std::uint64_t segment_bytes = 64u << 20;  // see Limits
};

class Segmenter {
 public:
  // lanes: one for both tracks, or video and sound. plan: of a ladder, or null.
  Segmenter(std::string path, const CutSettings& settings, std::vector<Lane> lanes, CutPlan* plan,
            const Clock& clock, const cli::Log& log);

  // Goes on from what the renditions resumed with.
  void resume();

  // Timestamps of the pipe have 32 bits and are counted on from a source's first one. What to add to such a
  // time, in ms, so that it is near to what the playlist ends with, or the ladder is at: whole turns.
  std::int64_t turns_ms(std::int64_t time_ms) const;
  // The first frame of a source has this time, in ms, turns added.
  void met(std::int64_t dts_ms) {
    if (plan_ != nullptr) plan_->met(dts_ms);
  }

  // The stream's frames in decoding order. configuration: see Tracks. A frame that cannot be
  // used (a picture before the first key frame) is left out.
  void add(const Frame& frame, std::uint64_t configuration, bool has_video);
  // Whether the frame is not a continuation of the ones before it.
  bool jumps(const Frame& frame) const { return timestamps_.jumps(frame.track, frame.time.dts_ms); }
  // The next frame is on another timeline than those before.
  void begins_anew() { anew_ = true; }
  // Pictures are left out until the next key frame.
  void await_key_frame() { awaits_key_frame_ = true; }
  // Ends the segment where its frames end, and lists it.
  void finish() { close(nullptr); }

  // From now on segments end at this size; not above that of the settings. 0: as the settings say.
  void limit_segment(std::uint64_t bytes) { limit_bytes_ = bytes; }

  bool in_segment() const { return open_; }
  std::uint64_t segment_configuration() const { return configuration_; }
  ProgramClock& program_clock() { return program_clock_; }
  // Measured; 0: not known yet, or no pictures.
  double frame_rate() const;
  // Segments that do not begin with a key frame, and waits for one.
  std::uint64_t missing_key_frames() const { return missing_key_frames_; }
  // Segments that ended for their size, or for the time that they were under way.
  std::uint64_t forced_cuts() const { return forced_cuts_; }
  // What the open segment costs.
  std::size_t held_bytes() const;

 private:
  enum class Cut { none, here, last_resort };

  Lane& lane_of(Track track) { return lanes_.size() > 1 && track == Track::audio ? lanes_[1] : lanes_[0]; }
  Rendition& first_rendition() { return lanes_[0].rendition(); }
  Cut judge(const Frame& frame, std::uint64_t configuration, bool has_video);
  Cut judge_length(const Frame& frame, bool has_video);
  Cut forced_cut(const Frame& frame);
  bool is_due(const Frame& frame, bool at_key_frame) const;
  void arrived();
  bool may_open();
  void tell_forced();
  bool cut_at_key_frame(const Frame& frame, std::uint64_t configuration);
  void tell_long_gop();
  void open(const Frame& frame, std::uint64_t configuration, bool jumped);
  void write(const Frame& frame);
  // next: the frame that the next segment begins with, or null.
  void close(const Frame* next);
  void miss(Lane& lane, std::chrono::milliseconds duration);
  void settle(std::chrono::milliseconds first_duration);
  std::chrono::milliseconds fitting(std::chrono::milliseconds asked) const;
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

  bool continues_ = false;           // something was listed before, by this run or an earlier one
  std::uint64_t configuration_ = 0;  // of the segment that is open or was last
  bool awaits_key_frame_ = false;
  bool anew_ = false;
  std::optional<std::int64_t> last_key_ms_;
  bool told_long_gop_ = false;
  std::uint64_t missing_key_frames_ = 0;
  std::uint64_t forced_cuts_ = 0;
  bool told_forced_ = false;
  std::uint64_t limit_bytes_ = 0;
  CutBudget budget_;
  bool was_short_ = false;  // the segment before
  bool told_short_ = false;

  // Wall time in which frames came: a pause counts as a second at most, since what was held up somewhere
  // comes at once afterwards.
  std::optional<std::chrono::steady_clock::time_point> last_arrival_;
  std::chrono::milliseconds under_way_{0};  // since the first frame
  std::chrono::milliseconds begun_at_{0};   // of that, where the open segment began

  // The segment that is open.
  bool open_ = false;
  std::int64_t start_ms_ = 0;
  bool discontinuity_[2] = {false, false};  // that a lane has not listed yet
};

}  // namespace srs::hls
