// CutPlan: where the streams of a ladder are cut, so that their segments begin together and have the same
// numbers.
//
// Encoders give the renditions of one picture the same timestamps, and key frames at the same times. The
// first stream to reach a new segment decides where it begins; the others cut at their key frame for that
// time. Owned by its ladder; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "srs-hls/time/program_clock.h"

namespace srs::hls {

class CutPlan {
 public:
  // Key frames at most this far apart count as the same.
  static constexpr std::int64_t tolerance_ms = 400;

  // first_sequence: number of the first segment.
  explicit CutPlan(std::uint64_t first_sequence) : first_sequence_(first_sequence) {}

  // A stream starts, or restarts, at this time. Returns the number of the segment it falls into.
  std::uint64_t join(std::int64_t dts_ms) {
    if (starts_.empty()) record_start(first_sequence_, dts_ms);
    auto found = starts_.begin();
    for (auto it = starts_.begin(); it != starts_.end(); ++it)
      if (it->second <= dts_ms + tolerance_ms) found = it;
    return found->first;
  }
  // Whether a segment ends before this key frame. sequence: number of the next segment. wanted: whether the
  // stream's own rule would end it.
  bool cut(std::uint64_t sequence, std::int64_t dts_ms, bool wanted) {
    const auto found = starts_.find(sequence);
    if (found != starts_.end()) return dts_ms >= found->second - tolerance_ms;
    if (wanted) record_start(sequence, dts_ms);
    return wanted;
  }
  // A segment begins here without a planned key frame: a forced cut, or a jump of the timeline.
  void record_start(std::uint64_t sequence, std::int64_t dts_ms) {
    starts_.try_emplace(sequence, dts_ms);
    reference_ms_ = dts_ms;
    while (starts_.size() > starts_max) starts_.erase(starts_.begin());
  }

  // A time near the current position of the ladder's streams; nothing before the first stream.
  std::optional<std::int64_t> reference_ms() const { return reference_ms_; }
  // The time of a stream's first frame.
  void on_first_frame(std::int64_t dts_ms) {
    if (!reference_ms_) reference_ms_ = dts_ms;
  }

  // UTC time of timestamp 0; see ProgramClock::agree().
  std::shared_ptr<ProgramClock::Zero>& zero() { return zero_; }
  // 0: not set yet.
  int target_duration_s() const { return target_duration_s_; }
  void settle(int target_duration_s) {
    if (target_duration_s_ == 0) target_duration_s_ = target_duration_s;
  }
  std::chrono::milliseconds part_target() const { return part_target_; }
  void settle_parts(std::chrono::milliseconds part_target) {
    if (part_target_.count() == 0) part_target_ = part_target;
  }

 private:
  static constexpr std::size_t starts_max = 64;

  std::uint64_t first_sequence_;
  std::map<std::uint64_t, std::int64_t> starts_;  // of segments, by sequence number
  std::optional<std::int64_t> reference_ms_;
  std::shared_ptr<ProgramClock::Zero> zero_;
  int target_duration_s_ = 0;
  std::chrono::milliseconds part_target_{0};
};

}  // namespace srs::hls
