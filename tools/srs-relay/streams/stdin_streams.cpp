#include "srs-relay/streams/stdin_streams.h"

namespace srs::relay {

void StdinStreams::on_begin(pipe::ChannelId channel, const media::StreamInfo& info) {
  auto published = hub_.begin(info, channel == 0 && is_only_input_);
  if (!published)
    log_.warning("{}: another publisher has this stream: what stdin brings of it is left out", info.path);
  streams_[channel] = std::move(published);
}

void StdinStreams::on_message(pipe::ChannelId channel, media::Message message) {
  const auto found = streams_.find(channel);
  if (found != streams_.end() && found->second) hub_.append(*found->second, std::move(message));
}

void StdinStreams::on_end(pipe::ChannelId channel, media::EndReason reason) {
  const auto found = streams_.find(channel);
  if (found == streams_.end()) return;
  if (found->second) hub_.end(found->second, reason);
  streams_.erase(found);
}

}  // namespace srs::relay
