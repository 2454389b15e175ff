// Stream: the tracks of one stream and what lies between them. Fed by a source in one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>

#include "media/pipe_reader.h"
#include "track.h"

namespace srs::probe {

// Milliseconds of wall time since the source was opened.
using WallMs = std::int64_t;

enum class StreamEnd { open, ended, lost };

class Stream {
 public:
  explicit Stream(media::StreamInfo info) : info_(std::move(info)) {}

  // The track, made if it is new. References stay valid.
  Track& track(TrackKind kind, unsigned id);
  void on_frame(TrackKind kind, unsigned id, const Frame& frame, WallMs now);
  void on_discontinuity() { ++discontinuities_; }
  // What onMetaData says.
  void on_declared_frame_rate(double frame_rate) { declared_frame_rate_ = frame_rate; }
  void on_end(StreamEnd end);
  // Judges what waited for more frames. More may come after it.
  void finish();

  const media::StreamInfo& info() const { return info_; }
  const std::deque<Track>& tracks() const { return tracks_; }
  // The first track of a kind; null if there is none.
  const Track* first(TrackKind kind) const;

  bool has_media() const { return first_media_.has_value(); }
  std::optional<WallMs> first_media() const { return first_media_; }
  std::optional<WallMs> first_key_frame() const { return first_key_frame_; }
  // The longest wall time between two messages: an arrival that stalls.
  WallMs longest_silence() const { return longest_silence_; }
  std::int64_t first_ms() const { return first_ms_; }  // the timestamp positions count from
  double duration_ms() const;
  std::uint64_t bytes() const { return rate_.bytes(); }
  double average_bps() const { return rate_.average_bps(duration_ms()); }
  double peak_bps() const { return rate_.peak_bps(); }
  const SkewMeter& skew() const { return skew_; }
  std::uint64_t discontinuities() const { return discontinuities_; }
  StreamEnd end() const { return end_; }
  // By the codec configuration, or else by the metadata; 0: by neither.
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
  SkewMeter skew_;
  std::uint64_t discontinuities_ = 0;
  double declared_frame_rate_ = 0;
  StreamEnd end_ = StreamEnd::open;
};

// Of a run, as they began; references stay valid while others go.
using StreamList = std::list<Stream>;

}  // namespace srs::probe
