// Track: everything srs-probe knows about one audio or video track, whatever the source.
//
// Owned by its Stream. Times are milliseconds on the stream's timeline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/byte_reader.h"
#include "srs-probe/streams/statistics.h"

namespace srs::probe {

enum class TrackKind : std::uint8_t { video, audio };

// From the codec configuration. Empty or 0: unknown.
struct TrackDescription {
  std::string codec;         // "H.264"
  std::string codec_string;  // RFC 6381: "avc1.64001f"
  std::string profile;       // "High"
  std::string level;         // "4.1"
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bit_depth = 0;
  double frame_rate = 0;
  std::uint32_t sample_rate = 0;
  std::uint32_t channels = 0;
};

struct Frame {
  std::int64_t decoding_ms = 0;
  std::int64_t offset_ms = 0;  // presentation minus decoding time
  std::size_t size_bytes = 0;
  bool key_frame = false;
};

class Track {
 public:
  Track(TrackKind kind, unsigned id) : kind_(kind), id_(id) {}

  void on_frame(const Frame& frame);
  // record: the configuration as sent, to distinguish changes from repetitions.
  void on_description(TrackDescription description, Bytes record);
  // Its codec cannot be decoded without a sequence header.
  void on_needs_header() { needs_header_ = true; }
  // Parameter sets in the pictures differ from the known ones.
  void on_in_band_description(TrackDescription description);
  void on_corrupt(std::int64_t at_ms, const std::string& why);
  void finish() { gaps_.finish(); }

  TrackKind kind() const { return kind_; }
  unsigned id() const { return id_; }
  const TrackDescription& description() const { return description_; }
  TrackDescription& description() { return description_; }
  bool is_video() const { return kind_ == TrackKind::video; }

  std::uint64_t frames() const { return frames_; }
  std::int64_t first_ms() const { return first_ms_; }
  std::int64_t last_ms() const { return last_ms_; }
  // From the first frame to the end of the last.
  double duration_ms() const;
  double frame_rate() const;  // measured; 0 with fewer than two frames
  const RateMeter& rate() const { return rate_; }
  const GapDetector& timing() const { return gaps_; }
  const GopMeter& gops() const { return gops_; }            // of video
  const ReorderMeter& reorder() const { return reorder_; }  // of video

  std::uint64_t sequence_headers() const { return headers_; }
  std::uint64_t sequence_header_changes() const { return header_changes_; }
  // Whether it has frames, but not the sequence header they need.
  bool lacks_header() const { return needs_header_ && headers_ == 0 && frames_ > 0; }
  std::uint64_t in_band_changes() const { return in_band_changes_; }
  std::uint64_t frames_before_header() const { return frames_before_header_; }
  std::uint64_t corrupt() const { return corrupt_; }
  std::int64_t first_corrupt_ms() const { return first_corrupt_ms_; }
  const std::string& first_corrupt() const { return first_corrupt_; }

 private:
  const TrackKind kind_;
  const unsigned id_;
  TrackDescription description_;
  std::uint64_t record_hash_ = 0;
  std::uint64_t frames_ = 0;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
  std::int64_t advanced_ms_ = 0;  // sum of the forward steps: the duration even across backward jumps
  RateMeter rate_;
  GapDetector gaps_;
  GopMeter gops_;
  ReorderMeter reorder_;
  std::uint64_t headers_ = 0;
  std::uint64_t header_changes_ = 0;
  std::uint64_t frames_before_header_ = 0;
  bool needs_header_ = false;
  std::uint64_t in_band_changes_ = 0;
  std::uint64_t corrupt_ = 0;
  std::int64_t first_corrupt_ms_ = 0;
  std::string first_corrupt_;
};

}  // namespace srs::probe
