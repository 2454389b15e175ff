// CutRule: where a segment ends, and what EXT-X-TARGETDURATION is.
//
// RFC 8216 4.3.3.1: no EXTINF, rounded, may exceed the target duration, which never changes; and segments
// should begin with a key frame. An encoder's key frame distance is not known in advance, so the first
// segment sets the target duration: that of --target, or more if the first GOP was longer. (With parts the
// playlist is published before the first segment; then it is that of --target.) From then on
//   - a segment ends at the first key frame after --target;
//   - it ends at an earlier key frame if the next one, at the longest distance seen so far, would come too
//     late; or, if such GOPs do not fit into a segment at all, at one after half of --target: otherwise no
//     segment after a cut between key frames might begin with a key frame again;
//   - as a last resort it ends without a key frame, before it would break the rule. Current players play
//     through such a cut; joining ones wait for the next key frame. A broken target duration makes Apple's
//     players give up the stream.
#pragma once

#include <chrono>

namespace srs::hls {

class CutRule {
 public:
  using Duration = std::chrono::milliseconds;

  // Key frames further away than this are not awaited.
  static constexpr Duration longest_gop_awaited{15'000};

  explicit CutRule(Duration target) : target_(target) {}

  // Called with the value of an earlier run, or else of the first segment.
  void settle(int target_duration_s) { target_duration_s_ = target_duration_s; }
  // The target duration that follows from a first segment of this length.
  int target_duration_for(Duration first_segment) const;
  int target_duration_s() const { return target_duration_s_; }  // 0: not set

  // A key frame came `gop` after the one before it.
  void on_gop(Duration gop);
  // `so_far`: the duration of the segment if it ended here.
  bool cut_at_key_frame(Duration so_far) const;
  bool cut_anywhere(Duration so_far) const { return so_far >= target_; }
  // Whether a segment of this length breaks the rule.
  bool too_long(Duration duration) const { return duration > longest_segment(); }

 private:
  Duration longest_segment() const;

  Duration target_;
  int target_duration_s_ = 0;
  Duration longest_gop_{0};
};

}  // namespace srs::hls
