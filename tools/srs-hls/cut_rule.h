// CutRule: where a segment ends, and what EXT-X-TARGETDURATION is.
//
// RFC 8216 4.3.3.1: no EXTINF, rounded, may exceed the target duration, which never changes; and segments
// should begin with a key frame. How far the key frames of an encoder are apart is not known
// in advance, so the target duration is settled by the first segment: that of --target, or more if the
// first group of pictures was longer. From then on
//   - a segment ends at the first key frame after --target;
//   - it ends at an earlier one if the next key frame, at the longest distance seen so far, would come too
//   late;
//   - it ends without a key frame, as a last resort, before it would break the rule. Players that are on
//     play through such a cut; who joins there waits for the next key frame. A broken target duration
//     makes Apple's players give up the stream.
#pragma once

#include <chrono>

namespace srs::hls {

class CutRule {
 public:
  using Duration = std::chrono::milliseconds;

  // A key frame further away than this is not waited for.
  static constexpr Duration longest_gop_awaited{15'000};

  explicit CutRule(Duration target) : target_(target) {}

  // Settled by an earlier run, or else by the first segment.
  void settle(int target_duration_s) { target_duration_s_ = target_duration_s; }
  // What settling on a first segment of this length gives.
  int target_duration_for(Duration first_segment) const;
  int target_duration_s() const { return target_duration_s_; }  // 0: not settled

  // A key frame came `gop` after the one before it.
  void saw_gop(Duration gop);
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
