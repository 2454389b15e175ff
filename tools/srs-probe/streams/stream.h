// Stream: the tracks of one stream, and their relations. Fed by a source in one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>

#include "pipe/pipe_reader.h"
#include "srs-probe/streams/track.h"
#include "srs-probe/streams/track_pair.h"

namespace srs::probe {

// Milliseconds of wall time since the source was opened.
using WallMs = std::int64_t;

enum class StreamEnd { open, ended, lost };

class Stream {
 public:
  explicit Stream(media::StreamInfo info) : info_(std::move(info)) {}

  // The track, created if it is new. References stay valid.
  Track& track(TrackKind kind, unsigned id);
  void on_frame(TrackKind kind, unsigned id, const Frame& frame, WallMs now);
  void on_discontinuity() { ++discontinuities_; }
  // A track announced by onMetaData.
  void on_announced(TrackKind kind) { announced_[static_cast<int>(kind)] = true; }
  // For containers whose frames are played by their times, whatever their order.
  void order_by_time() { pair_.order_by_time(); }
  // The frame rate in onMetaData.
  void on_declared_frame_rate(double frame_rate) { declared_frame_rate_ = frame_rate; }
  void on_end(StreamEnd end);
  // Evaluates what waited for more frames. More may follow.
  void finish();

  const media::StreamInfo& info() const { return info_; }
  const std::deque<Track>& tracks() const { return tracks_; }
  // The first track of a kind; null if none.
  const Track* first(TrackKind kind) const;

  bool has_media() const { return first_media_.has_value(); }
  std::optional<WallMs> first_media() const { return first_media_; }
  std::optional<WallMs> first_key_frame() const { return first_key_frame_; }
  // The longest wall time between two messages: a stalled arrival.
  WallMs longest_silence() const { return longest_silence_; }
  std::int64_t first_ms() const { return first_ms_; }  // positions count from this timestamp
  double duration_ms() const;
  std::uint64_t bytes() const { return rate_.bytes(); }
  double average_bps() const { return rate_.average_bps(duration_ms()); }
  double peak_bps() const { return rate_.peak_bps(); }
  const SkewMeter& skew() const { return pair_.skew(); }
  bool announced(TrackKind kind) const { return announced_[static_cast<int>(kind)]; }
  // Where the track stopped, and how long the other kind has continued since, if a second or more.
  std::optional<Jump> stopped(const Track& track) const;
  // The gaps of a track, including an open one at the end.
  JumpList gaps(const Track& track) const;
  // How far the other kind was ahead when the track began; 0 if it began first, or is not the first of its
  // kind.
  std::int64_t late_ms(const Track& track) const;
  std::uint64_t discontinuities() const { return discontinuities_; }
  StreamEnd end() const { return end_; }
  // From the codec configuration, or else the metadata; 0: in neither.
  double declared_frame_rate(const Track& track) const;

 private:
  media::StreamInfo info_;
  std::deque<Track> tracks_;
  std::optional<WallMs> first_media_;
  std::optional<WallMs> first_key_frame_;
  WallMs newest_media_ = 0;
  WallMs longest_silence_ = 0;
  std::int64_t first_ms_ = 0;
  RateMeter rate_;
  TrackPair pair_;
  bool announced_[2] = {false, false};
  std::uint64_t discontinuities_ = 0;
  double declared_frame_rate_ = 0;
  StreamEnd end_ = StreamEnd::open;
};

// The streams of a run, in order of their start; references stay valid while others are removed.
using StreamList = std::list<Stream>;

}  // namespace srs::probe
