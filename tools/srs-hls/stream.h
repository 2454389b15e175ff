// Stream: one stream of the pipe, on its way to a presentation.
//
// It holds frames back where more has to be known before a segment can begin: at the start, until
// the tracks that onMetaData announces have shown up (or 1 s of the stream has passed), and at the start and
// after a change of configuration until a key frame, so that a segment begins with it; then they pass, none
// is lost. Afterwards frames go straight to the segmenter. Belongs to the thread of the pipe.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "clock.h"
#include "media/message.h"
#include "media/metadata.h"
#include "mux/segment_muxer.h"
#include "presentation.h"
#include "segmenter.h"
#include "tracks.h"

namespace srs::hls {

class Stream {
 public:
  struct Muxing {
    std::unique_ptr<SegmentMuxer> main;
    std::unique_ptr<SegmentMuxer> audio;  // of sound alone; null if it is in the main rendition
  };

  // plan: of a ladder, or null. video_track: of multitrack streams.
  Stream(Presentation& presentation, const CutSettings& settings, Muxing muxing, CutPlan* plan,
         std::uint8_t video_track, const Clock& clock, const cli::Log& log);

  void take(const media::Message& message);
  // What comes is another timeline than what the presentation ended with, whatever its timestamps say.
  void begins_anew() { segmenter_.begins_anew(); }

  enum class End {
    ended,    // its source said so: the playlist gets its EXT-X-ENDLIST
    cut_off,  // it may be going on elsewhere: players keep asking, and a next run goes on with the playlist
  };
  void end(End how);

  Presentation& presentation() { return presentation_; }
  const Presentation& presentation() const { return presentation_; }
  std::uint64_t missing_key_frames() const { return segmenter_.missing_key_frames(); }
  std::uint64_t forced_cuts() const { return segmenter_.forced_cuts(); }
  // What of it is not in the presentation yet: frames that wait, and the open segment.
  std::size_t held_bytes() const { return held_bytes_ + segmenter_.held_bytes(); }
  // See Segmenter.
  void limit_segment(std::uint64_t bytes) {
    segmenter_.limit_segment(bytes);
    limit_bytes_ = bytes;
  }

 private:
  std::vector<Lane> lanes();
  std::int64_t turns_of(const media::Message& message);
  void take_placed(const media::Message& message);
  void take_annotation(const media::Message& message);
  void take_frame(Frame frame);
  bool starts_over(const Frame& frame);
  void hold(Frame frame);
  std::int64_t held_ms() const;
  bool tracks_known() const;
  bool may_release() const;
  void release();
  void describe();

  Presentation& presentation_;
  const cli::Log& log_;
  Muxing muxing_;
  Tracks tracks_;
  Segmenter segmenter_;
  media::AnnouncedTracks announced_;
  std::optional<std::int64_t> turns_ms_;  // to be added to all times: known from the first frame on
  std::uint64_t configuration_ = 0;
  bool seam_ = false;  // an onDiscontinuity came, and no frame since
  bool holding_ = true;
  bool started_ = false;
  bool holds_key_ = false;
  std::deque<Frame> held_;
  std::size_t held_bytes_ = 0;
  std::uint64_t limit_bytes_ = 0;  // of what is held; 0: the usual
};

}  // namespace srs::hls
