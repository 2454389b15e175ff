// Tracks: from the messages of a stream to the frames of its video and audio track.
//
// It keeps the codec configurations, tells the muxer, and leaves out what the container cannot carry,
// saying so once. Of multitrack streams it takes one video track, and audio track 0. Belongs to its stream.
//
// What is no sane stream ends here: codec configurations above 64 KiB, times beyond +-time_max_ms. Sums and
// products with times stay within 64 bits behind it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/log.h"
#include "media/message.h"
#include "mux/segment_muxer.h"
#include "timestamps.h"
#include "track_info.h"

namespace srs::hls {

struct Frame {
  Track track = Track::video;
  bool key = false;  // decoding may start here
  bool idr = false;  // and nothing after it needs a picture from before
  MediaTime time;
  Slice payload;  // owns what body points to
  Bytes body;

  bool is_key() const { return track == Track::video && key; }
  // What one costs that is kept: a small one is mostly what surrounds it.
  std::size_t cost() const { return body.size() + 256; }
  // To be kept for long: with bytes of its own, so that it does not hold the whole block that it was read in.
  Frame kept() const {
    Frame frame = *this;
    frame.payload = Slice::copy_of(body);
    frame.body = frame.payload.bytes();
    return frame;
  }
};

// What carries the tracks: one muxer for both, or two.
struct Muxers {
  SegmentMuxer& video;
  SegmentMuxer& audio;
};

class Tracks {
 public:
  // Seventeen years. Timestamps of the pipe have 32 bits, and are counted on from there. A clock of
  // nanoseconds reaches so far beyond the year 2200 (see decode_on_clock).
  static constexpr std::int64_t time_max_ms = std::int64_t{1} << 39;

  static bool is_possible(std::int64_t time_ms) { return time_ms > -time_max_ms && time_ms < time_max_ms; }

  // video_track: of multitrack streams, the track that is taken.
  Tracks(std::string path, Muxers muxers, std::uint8_t video_track, const cli::Log& log)
      : path_(std::move(path)), muxers_(muxers), video_track_(video_track), log_(log) {}

  // An audio or video message: its frame, if it is one of a track that can be carried. What is a new
  // configuration takes effect in the muxer at once.
  std::optional<Frame> take(const media::Message& message);

  bool has(Track track) const { return state_of(track).configured; }
  // Whether it is known what to do with the track, if only to leave it out.
  bool known(Track track) const { return state_of(track).known; }

  // What players are told of it; nothing if it is not carried.
  const TrackInfo* info(Track track) const { return has(track) ? &state_of(track).info : nullptr; }

  // Tells configurations apart, byte for byte: a repeated sequence header changes nothing.
  std::uint64_t configuration() const { return configuration_; }

 private:
  struct State {
    bool known = false;
    bool configured = false;
    std::vector<std::uint8_t> record;  // with the codec in front
    TrackInfo info;
  };

  std::optional<Frame> take_video(const media::Message& message);
  std::optional<Frame> take_audio(const media::Message& message);
  SegmentMuxer& muxer_of(Track track) const { return track == Track::video ? muxers_.video : muxers_.audio; }
  bool has_idr(codec::VideoCodec codec, Bytes body) const;
  void learn_size(codec::VideoCodec codec, Bytes key_frame);
  bool configure(Track track, std::uint8_t codec, Bytes record, std::string_view codec_name);
  void leave_out(Track track, std::string_view codec_name, const std::string& why);
  std::uint64_t hash() const;
  const State& state_of(Track track) const { return states_[static_cast<int>(track)]; }
  State& state_of(Track track) { return states_[static_cast<int>(track)]; }

  const std::string path_;
  const Muxers muxers_;
  const std::uint8_t video_track_;
  const cli::Log& log_;
  State states_[2];
  std::uint64_t configuration_ = hash();
  std::set<std::string> told_;
  bool told_times_ = false;
};

}  // namespace srs::hls
