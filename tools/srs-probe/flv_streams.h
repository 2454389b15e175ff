// FlvStreams analyses the messages of FLV pipes, HTTP-FLV and RTMP: it reads the tag payloads'
// headers, the codec configurations, and the NAL unit lengths of each picture.
#pragma once

#include <functional>
#include <map>

#include "flv/payload.h"
#include "media/pipe_reader.h"
#include "stream.h"

namespace srs::probe {

class FlvStreams : public media::PipeSink {
 public:
  // More are not kept: for a new one the oldest that ended goes. If all are on, it is not looked at.
  static constexpr std::size_t streams_max = 1'000;

  // wanted_path: the only stream to look at; empty: all. limit_ms: how much of each stream; 0: all.
  // now: wall time since the source was opened. Streams are added to `streams`, which outlives this.
  // forget: is called with a stream that ended before it is taken out of `streams`; may be empty.
  FlvStreams(StreamList& streams, std::string wanted_path, std::int64_t limit_ms, std::function<WallMs()> now,
             std::function<void(Stream&)> forget = {})
      : streams_(streams),
        wanted_path_(std::move(wanted_path)),
        limit_ms_(limit_ms),
        now_(std::move(now)),
        forget_(std::move(forget)) {}

  void on_begin(media::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(media::ChannelId channel, media::Message message) override;
  void on_end(media::ChannelId channel, media::EndReason reason) override;
  // A stream has reached the limit.
  bool past_limit() const { return past_limit_; }
  // Streams that there was no room for.
  std::uint64_t not_seen() const { return not_seen_; }

 private:
  struct Channel {
    Stream* stream = nullptr;
    std::map<std::uint8_t, unsigned> nal_length_sizes;  // by video track
  };

  bool make_room();
  void take_video(Channel& channel, const media::Message& message);
  void take_video_track(Channel& channel, const media::Message& message, const flv::VideoPayload& video);
  void take_audio(Stream& stream, const media::Message& message);
  void take_audio_track(Stream& stream, const media::Message& message, const flv::AudioPayload& audio);
  void take_script(Stream& stream, const media::Message& message);

  StreamList& streams_;
  const std::string wanted_path_;
  const std::int64_t limit_ms_;
  bool past_limit_ = false;
  const std::function<WallMs()> now_;
  const std::function<void(Stream&)> forget_;
  std::uint64_t not_seen_ = 0;
  std::map<media::ChannelId, Channel> channels_;
};

}  // namespace srs::probe
