// Tracks: turns a stream's messages into the frames of its video and audio track.
//
// It keeps the codec configurations, configures the muxer, and leaves out what the container cannot carry,
// logging it once. Of multitrack streams it uses one video track, and audio track 0. Owned by its stream.
//
// Invalid input ends here: codec configurations above 64 KiB, times beyond +-time_max_ms. Sums and products
// with accepted times stay within 64 bits.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/log.h"
#include "codec/silence.h"
#include "media/message.h"
#include "srs-hls/mux/segment_muxer.h"
#include "srs-hls/time/timestamps.h"
#include "srs-hls/tracks/track_info.h"

namespace srs::hls {

struct Frame {
  Track track = Track::video;
  bool key = false;  // decoding may start here
  bool idr = false;  // and no later picture refers to an earlier one
  MediaTime time;
  Slice payload;  // owns what body points to
  Bytes body;
  std::optional<std::chrono::system_clock::time_point> arrival;  // UTC, of a held frame

  bool is_key() const { return track == Track::video && key; }
  // Memory of a held frame: small ones are mostly overhead.
  std::size_t cost() const { return body.size() + 256; }
  // A copy with bytes of its own, for keeping: it does not hold the whole block that it was read in.
  Frame owned_copy() const {
    Frame frame = *this;
    frame.payload = Slice::copy_of(body);
    frame.body = frame.payload.bytes();
    return frame;
  }
};

// The muxers of the tracks: one for both, or two.
struct Muxers {
  SegmentMuxer& video;
  SegmentMuxer& audio;
};

class Tracks {
 public:
  // Seventeen years. Timestamps of the pipe have 32 bits and are unwrapped. Nanosecond clocks reach this far
  // beyond the year 2200 (see decode_on_clock).
  static constexpr std::int64_t time_max_ms = std::int64_t{1} << 39;

  static bool is_possible(std::int64_t time_ms) { return time_ms > -time_max_ms && time_ms < time_max_ms; }

  // video_track: the track to use of multitrack streams.
  Tracks(std::string path, Muxers muxers, std::uint8_t video_track, const cli::Log& log)
      : path_(std::move(path)), muxers_(muxers), video_track_(video_track), log_(log) {}

  // An audio or video message. Returns its frame, if its track can be carried. A new configuration goes to
  // the muxer at once.
  std::optional<Frame> parse(const media::Message& message);

  bool has(Track track) const { return state_of(track).configured && !state_of(track).excluded; }
  // Whether it could be carried; it may be excluded.
  bool configured(Track track) const { return state_of(track).configured; }
  // Excludes a track without frames, or includes it again, from the next segment on. Its frames are returned
  // all the same.
  void exclude(Track track);
  void include(Track track);
  // Whether the track's handling is known, even if it is left out.
  bool known(Track track) const { return state_of(track).known; }

  // A silent audio frame, if known for the codec.
  std::optional<codec::SilentFrame> silence() const;
  // Whether each has a muxer of its own.
  bool apart() const { return &muxers_.video != &muxers_.audio; }
  // The track's attributes for players; null if it is not carried.
  const TrackInfo* info(Track track) const { return has(track) ? &state_of(track).info : nullptr; }

  // Identifies the configuration, byte for byte: a repeated sequence header changes nothing. An excluded
  // track is not part of a shared configuration; with separate muxers exclusion makes no difference.
  std::uint64_t configuration() const { return configuration_; }

 private:
  struct State {
    bool known = false;
    bool configured = false;
    bool excluded = false;
    std::vector<std::uint8_t> record;  // with the codec in front
    TrackInfo info;
  };

  std::optional<Frame> parse_video(const media::Message& message);
  std::optional<Frame> parse_audio(const media::Message& message);
  SegmentMuxer& muxer_of(Track track) const { return track == Track::video ? muxers_.video : muxers_.audio; }
  void learn_size(codec::VideoCodec codec, Bytes key_frame);
  bool configure(Track track, std::uint8_t codec, Bytes record, std::string_view codec_name);
  void report_if_nothing_is_left(std::int64_t time_ms);
  void refuse(Track track, std::string_view codec_name, const std::string& why,
              bool fmp4_would_carry = false);
  void exclude_from_muxer(Track track);
  std::uint64_t hash() const;
  const State& state_of(Track track) const { return states_[static_cast<int>(track)]; }
  State& state_of(Track track) { return states_[static_cast<int>(track)]; }

  const std::string path_;
  const Muxers muxers_;
  const std::uint8_t video_track_;
  const cli::Log& log_;
  State states_[2];
  std::uint64_t configuration_ = hash();
  std::set<std::string> reported_refusals_;
  std::string refusal_;            // of the last refused track
  bool fmp4_would_carry_ = false;  // likewise
  std::optional<std::int64_t> nothing_since_ms_;
  bool reported_nothing_is_left_ = false;
  bool reported_times_ = false;
};

}  // namespace srs::hls
