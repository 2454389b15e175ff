// The small meters of a track's analysis. Each gets one value per frame, needs constant memory, and can be
// read at any time: a probe may watch a stream for days.
//
// Times are milliseconds of the stream's own timeline.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace srs::probe {

// Smallest, largest and average of the added values.
class Spread {
 public:
  void add(double value);
  std::uint64_t count() const { return count_; }
  double min() const { return min_; }
  double max() const { return max_; }
  double average() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0; }

 private:
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
};

// Bit rate per second of the timeline.
class RateMeter {
 public:
  void add(std::int64_t at_ms, std::size_t size_bytes);
  std::uint64_t bytes() const { return bytes_; }
  // duration_ms: of everything added. 0 without a duration.
  double average_bps(double duration_ms) const;
  // The fullest second, counted from the first frame on.
  double peak_bps() const;

 private:
  std::uint64_t bytes_ = 0;
  std::uint64_t second_bytes_ = 0;
  std::uint64_t peak_bytes_ = 0;
  std::int64_t second_end_ms_ = 0;
  bool started_ = false;
};

// A fault of the timeline.
struct Jump {
  std::int64_t at_ms = 0;      // time of the frame before it
  std::int64_t length_ms = 0;  // always positive
};

// Jumps of one kind: counts all, keeps the largest and the first few.
class JumpList {
 public:
  static constexpr std::size_t kept = 16;

  void add(Jump jump);
  std::uint64_t count() const { return count_; }
  const Jump& largest() const { return largest_; }
  const std::vector<Jump>& first() const { return first_; }

 private:
  std::uint64_t count_ = 0;
  Jump largest_;
  std::vector<Jump> first_;
};

// Finds gaps and backward jumps in the decoding times of one track.
//
// A gap is an interval of more than three times the usual one and of at least min_gap_ms. The usual
// one is the median of the newest intervals, so that slow frame rates are no gaps; the first few
// intervals are judged once there are enough of them to know.
class GapDetector {
 public:
  static constexpr std::int64_t min_gap_ms = 200;

  void add(std::int64_t at_ms);
  // Classifies the intervals that waited for more.
  void finish();

  const JumpList& gaps() const { return gaps_; }
  // Whether an interval is a gap, by the usual ones.
  bool is_gap(std::int64_t length_ms) const {
    return length_ms >= min_gap_ms && length_ms > 3 * median_interval_ms();
  }
  const JumpList& backward() const { return backward_; }
  // The usual interval, 0 while there is none.
  std::int64_t median_interval_ms() const;

 private:
  static constexpr std::size_t window = 31;
  static constexpr std::size_t enough = 5;

  void classify(Jump interval);

  std::array<std::int64_t, window> recent_{};
  std::size_t recent_count_ = 0;  // of all intervals; the newest is at (recent_count_ - 1) % window
  std::vector<Jump> waiting_;
  std::int64_t last_ms_ = 0;
  bool started_ = false;
  JumpList gaps_;
  JumpList backward_;
};

// Measures the distances between key frames.
class GopMeter {
 public:
  void add(std::int64_t at_ms, bool key_frame);

  // Of complete GOPs.
  const Spread& frames() const { return frames_; }
  const Spread& duration_ms() const { return duration_; }
  std::uint64_t key_frames() const { return key_frames_; }
  std::uint64_t frames_before_first() const { return before_first_; }
  std::int64_t last_gop_ms() const { return last_duration_ms_; }
  std::uint64_t last_gop_frames() const { return last_frames_; }
  // Including the time before the first key frame and after the last one.
  Jump longest_without() const { return longest_; }

 private:
  std::uint64_t key_frames_ = 0;
  std::uint64_t before_first_ = 0;
  std::uint64_t current_frames_ = 0;
  std::uint64_t last_frames_ = 0;
  std::int64_t last_duration_ms_ = 0;
  std::int64_t since_ms_ = 0;
  bool started_ = false;
  Spread frames_;
  Spread duration_;
  Jump longest_;
};

// Compares presentation and decoding order.
class ReorderMeter {
 public:
  void add(std::int64_t decoding_ms, std::int64_t offset_ms);
  std::int64_t min_offset_ms() const { return min_; }
  std::int64_t max_offset_ms() const { return max_; }
  // Frames shown before one that was decoded earlier.
  std::uint64_t reordered() const { return reordered_; }

 private:
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  std::int64_t newest_shown_ms_ = 0;
  std::uint64_t reordered_ = 0;
  bool started_ = false;
};

// How far audio and video that are adjacent in the stream are apart, averaged over each second: single
// messages differ by a frame or so in any good stream. Positive: video is ahead.
//
// A second counts only once the next one is over: where a track stops, the other one runs ahead, which is no
// skew. The caller that notices this calls discard().
class SkewMeter {
 public:
  void on_video(std::int64_t at_ms);
  void on_audio(std::int64_t at_ms);
  // One of the tracks is silent: drops the newest seconds.
  void discard();
  void finish();

  bool known() const { return total_.count() > 0; }
  double average_ms() const { return total_.average(); }
  double worst_ms() const { return worst_; }  // of the worst second, with its sign
  double last_ms() const { return last_; }    // of the newest second that counts

 private:
  void sample();
  void close_second();
  void count_pending();

  std::int64_t video_ms_ = 0;
  std::int64_t audio_ms_ = 0;
  std::int64_t second_end_ms_ = 0;
  bool has_video_ = false;
  bool has_audio_ = false;
  Spread second_;
  std::optional<double> pending_;  // the second before
  Spread total_;
  double worst_ = 0;
  double last_ = 0;
};

}  // namespace srs::probe
