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
  // wanted_path: the only stream to look at; empty: all. limit_ms: how much of each stream; 0: all.
  // now: wall time since the source was opened. Streams are added to `streams`, which outlives this.
  FlvStreams(std::deque<Stream>& streams, std::string wanted_path, std::int64_t limit_ms,
             std::function<WallMs()> now)
      : streams_(streams), wanted_path_(std::move(wanted_path)), limit_ms_(limit_ms), now_(std::move(now)) {}

  void on_begin(media::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(media::ChannelId channel, media::Message message) override;
  void on_end(media::ChannelId channel, media::EndReason reason) override;
  // A stream has reached the limit.
  bool past_limit() const { return past_limit_; }

 private:
  struct Channel {
    Stream* stream = nullptr;
    std::map<std::uint8_t, unsigned> nal_length_sizes;  // by video track
  };

  void take_video(Channel& channel, const media::Message& message);
  void take_video_track(Channel& channel, const media::Message& message, const flv::VideoPayload& video);
  void take_audio(Stream& stream, const media::Message& message);
  void take_audio_track(Stream& stream, const media::Message& message, const flv::AudioPayload& audio);
  void take_script(Stream& stream, const media::Message& message);

  std::deque<Stream>& streams_;
  const std::string wanted_path_;
  const std::int64_t limit_ms_;
  bool past_limit_ = false;
  const std::function<WallMs()> now_;
  std::map<media::ChannelId, Channel> channels_;
};

}  // namespace srs::probe
