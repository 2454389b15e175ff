// The times of samples in fragments: decode times that chain.
//
// A fragment promises where the next one begins (its tfdt plus its durations), at times before the next
// sample is known. The promise is kept: a difference is corrected in the duration of the sample that follows,
// and presentation times are always right. Only a jump of more than a second begins a new timeline.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

namespace srs::mp4 {

// One sample's place: its decode time in the file, and the duration of the sample before it.
struct Placed {
  std::int64_t decode_time = 0;
  std::optional<std::uint32_t> previous_duration;  // of the sample before it in this fragment
};

// Pictures, in units of 1/90000 s: a picture lasts until the next one.
class VideoTimeline {
 public:
  Placed place(std::int64_t dts) {
    measure_gap(dts);
    Placed placed;
    if (in_fragment_) {
      const std::int64_t lasts = std::clamp<std::int64_t>(dts - last_, 1, longest);
      placed.previous_duration = static_cast<std::uint32_t>(lasts);
      last_ += lasts;
    } else {
      const bool jumps = !next_ || std::abs(dts - *next_) > std::max(jump, 4 * usual_);
      last_ = jumps ? dts : *next_;
    }
    in_fragment_ = true;
    placed.decode_time = last_;
    return placed;
  }
  // Ends the fragment and returns the duration of its last sample. next_dts: of the picture that follows, if
  // it is known.
  std::uint32_t finish(std::optional<std::int64_t> next_dts) {
    const std::int64_t end = next_dts.value_or(newest_.value_or(last_) + usual_);
    const std::int64_t lasts = std::clamp<std::int64_t>(end - last_, 1, longest);
    next_ = last_ + lasts;
    in_fragment_ = false;
    return static_cast<std::uint32_t>(lasts);
  }
  // Where the next fragment is promised to begin, if there was one.
  std::optional<std::int64_t> promised() const { return next_; }
  void promise(std::int64_t next) { next_ = next; }

 private:
  static constexpr std::int64_t jump = 90'000;
  static constexpr std::int64_t longest = std::int64_t{3'600} * 90'000;

  // Measures how long pictures last by the stream's own times: the shorter of the last two gaps, since one
  // may be a hole.
  void measure_gap(std::int64_t dts) {
    const std::int64_t gap = newest_ ? dts - *newest_ : 0;
    newest_ = dts;
    if (gap <= 0) return;
    usual_ = gap_ > 0 ? std::min(gap_, gap) : gap;
    gap_ = gap;
  }

  bool in_fragment_ = false;
  std::int64_t last_ = 0;               // decode time of the newest sample, in the file
  std::optional<std::int64_t> newest_;  // the same by the stream
  std::int64_t gap_ = 0;
  std::int64_t usual_ = 3'000;
  std::optional<std::int64_t> next_;  // promised
};

// Frames of sound, in samples: they follow each other without a gap; the stream's own times, which are whole
// milliseconds, count only if they are off by more than a frame and a half.
class AudioTimeline {
 public:
  Placed place(std::int64_t time, std::uint32_t rate, std::uint32_t samples) {
    Placed placed;
    const std::int64_t off = next_ ? time - *next_ : 0;
    const std::int64_t slack = samples + samples / 2 + rate / 500;
    if (!next_ || std::abs(off) > static_cast<std::int64_t>(rate)) {
      if (in_fragment_ && next_ && off > 0) placed.previous_duration = grown(off);
      if (!in_fragment_ || off > 0) next_ = time;
    } else if (std::abs(off) > slack) {
      correct(off, placed);
    }
    placed.decode_time = *next_;
    last_ = *next_;
    lasts_ = std::max<std::int64_t>(1, samples + std::exchange(owed_, 0));
    next_ = last_ + lasts_;
    in_fragment_ = true;
    return placed;
  }
  // The duration of the newest sample.
  std::uint32_t duration() const { return static_cast<std::uint32_t>(lasts_); }
  void finish() { in_fragment_ = false; }
  // As of VideoTimeline.
  std::optional<std::int64_t> promised() const { return next_; }
  void promise(std::int64_t next) { next_ = next; }

 private:
  std::uint32_t grown(std::int64_t by) {
    lasts_ = std::clamp<std::int64_t>(lasts_ + by, 1, 0x7fffffff);
    return static_cast<std::uint32_t>(lasts_);
  }
  void correct(std::int64_t off, Placed& placed) {
    if (!in_fragment_) {
      owed_ = off;  // the fragment begins where it was promised to
      return;
    }
    const std::int64_t before = lasts_;
    placed.previous_duration = grown(off);
    *next_ += lasts_ - before;
  }

  bool in_fragment_ = false;
  std::int64_t last_ = 0;
  std::int64_t lasts_ = 0;
  std::int64_t owed_ = 0;
  std::optional<std::int64_t> next_;
};

}  // namespace srs::mp4
