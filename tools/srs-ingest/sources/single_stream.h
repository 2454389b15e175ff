// SingleStream: passes the FLV bytes of one stream to a MediaSink; of a pipe with channels, the first stream.
#pragma once

#include <optional>

#include "pipe/pipe_reader.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

class SingleStream : private pipe::PipeSink {
 public:
  explicit SingleStream(MediaSink& sink) : sink_(sink), reader_(*this, "stream") {}

  std::span<std::uint8_t> prepare() { return reader_.prepare(); }
  Result<void> commit(std::size_t size) { return reader_.commit(size); }
  // End of input. An error if it broke off.
  Result<void> finish() { return reader_.finish(); }

 private:
  void on_begin(pipe::ChannelId channel, const media::StreamInfo&) override {
    if (!taken_) taken_ = channel;
  }
  void on_message(pipe::ChannelId channel, media::Message message) override {
    if (channel == taken_) sink_.forward(std::move(message));
  }
  void on_end(pipe::ChannelId, media::EndReason) override {}

  MediaSink& sink_;
  std::optional<pipe::ChannelId> taken_;
  pipe::PipeReader reader_;
};

}  // namespace srs::ingest
