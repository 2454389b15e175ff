// Stream: one stream of the pipe, on its way to a presentation.
//
// It holds frames back until a segment can begin: at the start until the tracks announced by onMetaData or a
// codec header have brought frames (or 2 s of the stream have passed, 1 s if nothing is announced), and at
// the start and after a configuration change until a key frame. Then the held frames are released; none is
// lost. Afterwards frames go straight to the segmenter. A track without frames is left out until it brings
// some (see Presence). Belongs to the thread of the pipe.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/clock.h"
#include "media/long_gop.h"
#include "media/message.h"
#include "media/metadata.h"
#include "srs-hls/cut/segmenter.h"
#include "srs-hls/mux/segment_muxer.h"
#include "srs-hls/playlist/presentation.h"
#include "srs-hls/tracks/presence.h"
#include "srs-hls/tracks/sound_filler.h"
#include "srs-hls/tracks/tracks.h"

namespace srs::hls {

class Stream {
 public:
  struct Muxing {
    std::unique_ptr<SegmentMuxer> main;
    std::unique_ptr<SegmentMuxer> audio;  // of audio alone; null if audio is in the main rendition
  };

  // plan: the ladder's, or null. video_track: of multitrack streams.
  Stream(Presentation& presentation, const CutSettings& settings, Muxing muxing, CutPlan* plan,
         std::uint8_t video_track, const Clock& clock, const cli::Log& log);

  void on_message(const media::Message& message);
  // What follows is on another timeline than the end of the presentation, whatever its timestamps say.
  void start_new_timeline() { segmenter_.start_new_timeline(); }

  enum class End {
    ended,    // the source ended it: the playlist gets its EXT-X-ENDLIST
    cut_off,  // it may continue elsewhere: players keep polling, and the next run continues the playlist
  };
  void end(End how);

  Presentation& presentation() { return presentation_; }
  const Presentation& presentation() const { return presentation_; }
  std::uint64_t missing_key_frames() const { return segmenter_.missing_key_frames(); }
  std::uint64_t forced_cuts() const { return segmenter_.forced_cuts(); }
  // Bytes that are not in the presentation yet: held frames, and the open segment.
  std::size_t held_bytes() const { return held_bytes_ + segmenter_.held_bytes(); }
  // See Segmenter.
  void limit_segment(std::uint64_t bytes) {
    segmenter_.limit_segment(bytes);
    limit_bytes_ = bytes;
  }

 private:
  std::vector<Lane> make_lanes();
  std::int64_t wrap_offset_of(const media::Message& message);
  void on_placed(const media::Message& message);
  void report_long_gop(const media::Message& message);
  void on_annotation(const media::Message& message);
  void on_frame(Frame frame);
  bool starts_over(const Frame& frame);
  void hold(Frame frame);
  bool has_waited(std::int64_t time_ms) const;
  bool frames_known() const;
  std::int64_t start_patience_ms() const;
  bool intervals_known() const;
  bool may_release() const;
  void release();
  std::size_t& held_count(Track track) { return held_frames_[static_cast<int>(track)]; }
  std::size_t held_count(Track track) const { return held_frames_[static_cast<int>(track)]; }
  void update_presence(const Frame& frame);
  void fill_sound(const Frame& picture);
  void report_absence(Track track, std::string_view what);
  void exclude(Track track, std::string_view why);
  void include(Track track);
  void describe();

  Presentation& presentation_;
  const Clock& clock_;
  const cli::Log& log_;
  Muxing muxing_;
  Tracks tracks_;
  media::LongGop long_gop_;
  Segmenter segmenter_;
  Presence presence_;
  SoundFiller filler_;
  bool follows_key_ = false;                                    // a key frame has come since the video began
  std::array<bool, 2> reported_absence_{}, reported_return_{};  // of each track
  media::TrackSet announced_;
  std::optional<std::int64_t> wrap_offset_ms_;  // added to all times; known from the first frame on
  std::uint64_t configuration_ = 0;
  bool after_discontinuity_ = false;  // onDiscontinuity was the last thing before the next frame
  bool holding_ = true;
  bool started_ = false;
  bool holds_key_ = false;
  std::deque<Frame> held_;
  std::array<std::size_t, 2> held_frames_{};  // of each track
  std::chrono::steady_clock::time_point held_since_{};
  std::size_t held_bytes_ = 0;
  std::uint64_t limit_bytes_ = 0;  // of held frames; 0: the default
};

}  // namespace srs::hls
