// ProgramClock: the UTC time of a timestamp, for EXT-X-PROGRAM-DATE-TIME.
//
// It comes from the stream's onClock tags, which tell it once a second; before the first, from our own
// clock when the stream began. Small differences between the tags are jitter of their way here and are
// passed over, so that dates and durations in a playlist agree.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace srs::hls {

class ProgramClock {
 public:
  using Utc = std::chrono::system_clock::time_point;

  static constexpr std::chrono::milliseconds jitter{250};

  void tell(std::int64_t timestamp_ms, Utc utc) {
    const bool known = told_ || restored_;
    told_ = true;
    if (known && std::chrono::abs(at(timestamp_ms) - utc) <= jitter) return;
    anchor(timestamp_ms, utc);
  }
  // A segment begins. Until the stream has told the time, it is what our own clock says of its first frame.
  void begin(std::int64_t timestamp_ms, Utc now, bool timeline_is_new) {
    if (!zero_ || (timeline_is_new && !told_)) anchor(timestamp_ms, now);
  }
  // What an earlier run of the same timeline went by: its dates go on without a step.
  void restore(Utc zero) {
    zero_ = zero;
    restored_ = true;
  }
  // Streams of one timeline, whose clocks are a little apart by the ways that they came, take the zero that
  // one of them told first. A clock that differs in earnest, because it was set, is the new common one.
  void agree(std::optional<Utc>& common) {
    if (common && std::chrono::abs(*zero_ - *common) <= jitter)
      zero_ = common;
    else
      common = zero_;
  }
  // Once begin() or tell() was called.
  Utc at(std::int64_t timestamp_ms) const { return *zero_ + std::chrono::milliseconds(timestamp_ms); }

 private:
  void anchor(std::int64_t timestamp_ms, Utc utc) {
    zero_ = utc - std::chrono::milliseconds(timestamp_ms);
    restored_ = false;
  }

  std::optional<Utc> zero_;  // of timestamp 0
  bool told_ = false;
  bool restored_ = false;
};

}  // namespace srs::hls
