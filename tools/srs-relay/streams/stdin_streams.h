// StdinStreams: the streams of a pipe, as they enter the hub.
#pragma once

#include <map>
#include <memory>

#include "pipe/pipe_reader.h"
#include "srs-relay/streams/hub.h"

namespace srs::relay {

class StdinStreams : public pipe::PipeSink {
 public:
  // is_only_input: there are no publishers besides stdin.
  StdinStreams(Hub& hub, bool is_only_input, const cli::Log& log)
      : hub_(hub), is_only_input_(is_only_input), log_(log) {}

  void on_begin(pipe::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(pipe::ChannelId channel, media::Message message) override;
  void on_end(pipe::ChannelId channel, media::EndReason reason) override;

 private:
  Hub& hub_;
  bool is_only_input_;
  const cli::Log& log_;
  std::map<pipe::ChannelId, std::shared_ptr<Hub::Published>> streams_;
};

}  // namespace srs::relay
