// Segmenter: frames in, listed segments out. It decides where segments are cut and what a cut means.
//
// A segment is made in memory and written once, when it is whole. Belongs to its stream.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "clock.h"
#include "cut_rule.h"
#include "listing.h"
#include "program_clock.h"
#include "segment_muxer.h"
#include "timestamps.h"
#include "tracks.h"

namespace srs::hls {

class Segmenter {
 public:
  // A segment of this size is cut wherever it is.
  static constexpr std::size_t segment_size_max = 64u << 20;

  Segmenter(std::string path, std::chrono::milliseconds target, SegmentMuxer& muxer, Listing& listing,
            const Clock& clock, const cli::Log& log);

  // Goes on from what the listing was restored to.
  void restore();

  // The stream's frames in decoding order. configuration: see Tracks. A frame that cannot be
  // used (a picture before the first key frame) is left out.
  void add(const Frame& frame, std::uint64_t configuration, bool has_video);
  // Whether the frame is not a continuation of the ones before it.
  bool jumps(const Frame& frame) const { return timestamps_.jumps(frame.track, frame.time.dts_ms); }
  // Pictures are left out until the next key frame.
  void await_key_frame() { awaits_key_frame_ = true; }
  // Ends the segment where its frames end, and lists it.
  void finish();

  bool in_segment() const { return open_; }
  std::uint64_t segment_configuration() const { return configuration_; }
  ProgramClock& program_clock() { return program_clock_; }

 private:
  enum class Cut { none, here, last_resort };

  Cut judge(const Frame& frame, std::uint64_t configuration, bool has_video);
  Cut judge_length(const Frame& frame, bool has_video);
  void open(const Frame& frame, std::uint64_t configuration, bool jumped);
  void close(std::chrono::milliseconds duration);
  void write(const Frame& frame);
  void settle(std::chrono::milliseconds first_duration);
  std::string state() const;

  const std::string path_;
  SegmentMuxer& muxer_;
  Listing& listing_;
  const Clock& clock_;
  const cli::Log& log_;
  CutRule rule_;
  Timestamps timestamps_;
  ProgramClock program_clock_;

  bool continues_ = false;           // something was listed before, by this run or an earlier one
  std::uint64_t configuration_ = 0;  // of the segment that is open or was last
  bool awaits_key_frame_ = false;
  bool hole_ = false;  // the segment before was lost
  std::optional<std::int64_t> last_key_ms_;
  bool told_long_gop_ = false;

  // The segment that is open.
  bool open_ = false;
  bool discontinuity_ = false;
  bool has_frames_ = false;
  std::optional<bool> begins_with_idr_;  // of its first picture
  std::int64_t start_ms_ = 0;
  std::int64_t end_ms_ = 0;
};

}  // namespace srs::hls
