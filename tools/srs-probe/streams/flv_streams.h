// FlvStreams: analyses the messages of FLV pipes, HTTP-FLV and RTMP: the headers of tag payloads, the codec
// configurations, and the NAL unit lengths of each picture.
#pragma once

#include <functional>
#include <map>

#include "flv/payload.h"
#include "pipe/pipe_reader.h"
#include "srs-probe/streams/in_band_sets.h"
#include "srs-probe/streams/stream.h"

namespace srs::probe {

class FlvStreams : public pipe::PipeSink {
 public:
  // The most streams kept: a new one replaces the oldest ended one. If all are live, it is ignored.
  static constexpr std::size_t streams_max = 1'000;

  // wanted_path: the only stream to analyse; empty: all. limit_ms: how much of each stream; 0: all. now: wall
  // time since the source was opened. Streams are added to `streams`, which outlives this. forget: called
  // with an ended stream before it is removed from `streams`; may be empty.
  FlvStreams(StreamList& streams, std::string wanted_path, std::int64_t limit_ms, std::function<WallMs()> now,
             std::function<void(Stream&)> forget = {})
      : streams_(streams),
        wanted_path_(std::move(wanted_path)),
        limit_ms_(limit_ms),
        now_(std::move(now)),
        forget_(std::move(forget)) {}

  void on_begin(pipe::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(pipe::ChannelId channel, media::Message message) override;
  void on_end(pipe::ChannelId channel, media::EndReason reason) override;
  // Whether a stream has reached the limit.
  bool past_limit() const { return past_limit_; }
  // Streams ignored because of streams_max.
  std::uint64_t not_seen() const { return not_seen_; }

 private:
  struct Channel {
    Stream* stream = nullptr;
    std::map<std::uint8_t, unsigned> nal_length_sizes;  // by video track
    std::map<std::uint8_t, InBandSets> sets;            // likewise
  };

  bool make_room();
  void on_video(Channel& channel, const media::Message& message);
  void on_video_track(Channel& channel, const media::Message& message, const flv::VideoPayload& video);
  static void check_picture(Channel& channel, const media::Message& message, const flv::VideoPayload& video,
                            Track& track);
  void on_audio(Stream& stream, const media::Message& message);
  void on_audio_track(Stream& stream, const media::Message& message, const flv::AudioPayload& audio);
  void on_script(Stream& stream, const media::Message& message);

  StreamList& streams_;
  const std::string wanted_path_;
  const std::int64_t limit_ms_;
  bool past_limit_ = false;
  const std::function<WallMs()> now_;
  const std::function<void(Stream&)> forget_;
  std::uint64_t not_seen_ = 0;
  std::map<pipe::ChannelId, Channel> channels_;
};

}  // namespace srs::probe
