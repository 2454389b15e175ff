// StdinStreams: the streams of a pipe, as they enter the hub.
#pragma once

#include <map>
#include <memory>

#include "hub.h"
#include "media/pipe_reader.h"

namespace srs::relay {

class StdinStreams : public media::PipeSink {
 public:
  // is_only_input: no publishers come beside stdin.
  StdinStreams(Hub& hub, bool is_only_input, const cli::Log& log)
      : hub_(hub), is_only_input_(is_only_input), log_(log) {}

  void on_begin(media::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(media::ChannelId channel, media::Message message) override;
  void on_end(media::ChannelId channel, media::EndReason reason) override;

 private:
  Hub& hub_;
  bool is_only_input_;
  const cli::Log& log_;
  std::map<media::ChannelId, std::shared_ptr<Hub::Published>> streams_;
};

}  // namespace srs::relay
