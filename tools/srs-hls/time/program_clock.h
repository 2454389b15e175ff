// ProgramClock: the UTC time of a timestamp, for EXT-X-PROGRAM-DATE-TIME.
//
// It comes from the stream's onClock tags, one per second; before the first, from our own clock when the
// stream began. Between two discontinuities dates follow the durations in the playlist: small differences
// between the tags are network jitter and are ignored, larger ones are corrected slowly, by a hundredth of
// the elapsed time, or at once at a discontinuity. Only a clock that was set, by ten seconds or more, makes a
// step.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace srs::hls {

class ProgramClock {
 public:
  using Utc = std::chrono::system_clock::time_point;

  static constexpr std::chrono::milliseconds jitter{250};
  static constexpr std::chrono::milliseconds set_threshold{10'000};
  static constexpr int slew_divisor = 100;
  static constexpr std::chrono::milliseconds slew_max{
      20};  // per segment: players compare dates and durations

  // The UTC time of timestamp 0, and the one that it moves towards.
  struct Zero {
    std::optional<Utc> utc, target;
    std::optional<std::int64_t> moved_at_ms;
  };

  void on_clock(std::int64_t timestamp_ms, Utc utc) {
    const bool known = has_clock_ || restored_;
    has_clock_ = true;
    const Utc zero = utc - std::chrono::milliseconds(timestamp_ms);
    if (!known || std::chrono::abs(*zero_->utc - zero) >= set_threshold) return anchor(zero);
    if (std::chrono::abs(zero_->target.value_or(*zero_->utc) - zero) > jitter) zero_->target = zero;
  }
  // A segment begins. Until the stream's first onClock, our own clock gives the time of its first frame.
  void begin(std::int64_t timestamp_ms, Utc now, bool timeline_is_new) {
    if (!zero_->utc || (timeline_is_new && !has_clock_))
      anchor(now - std::chrono::milliseconds(timestamp_ms));
    else if (zero_->target)
      slew(timestamp_ms, timeline_is_new);
    zero_->moved_at_ms = timestamp_ms;
  }
  // The zero of an earlier run on the same timeline: its dates continue without a step.
  void restore(Utc zero) {
    zero_->utc = zero;
    restored_ = true;
  }
  // Streams of one timeline, whose clocks differ by network jitter, from now on follow the first one. A clock
  // that differs by more, because it was set, becomes the new common one.
  void agree(std::shared_ptr<Zero>& common) {
    if (common && common != zero_ && std::chrono::abs(*zero_->utc - *common->utc) > jitter) *common = *zero_;
    if (!common) common = zero_;
    zero_ = common;
  }
  // Only after begin() or on_clock().
  Utc at(std::int64_t timestamp_ms) const { return *zero_->utc + std::chrono::milliseconds(timestamp_ms); }

 private:
  void anchor(Utc zero) {
    *zero_ = {zero, std::nullopt, zero_->moved_at_ms};
    restored_ = false;
  }
  void slew(std::int64_t timestamp_ms, bool at_once) {
    const Utc::duration left = *zero_->target - *zero_->utc;
    const std::int64_t passed_ms = timestamp_ms - zero_->moved_at_ms.value_or(timestamp_ms);
    const Utc::duration most = std::clamp(std::chrono::milliseconds(passed_ms / slew_divisor),
                                          std::chrono::milliseconds(0), slew_max);
    *zero_->utc += at_once ? left : std::clamp(left, -most, most);
    if (*zero_->utc == *zero_->target) zero_->target.reset();
  }

  std::shared_ptr<Zero> zero_ = std::make_shared<Zero>();
  bool has_clock_ = false;
  bool restored_ = false;
};

}  // namespace srs::hls
