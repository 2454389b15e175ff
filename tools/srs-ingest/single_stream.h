// SingleStream: FLV bytes of one stream, into a MediaSink. Of a pipe with channels the first stream is taken.
#pragma once

#include <optional>

#include "media/pipe_reader.h"
#include "source.h"

namespace srs::ingest {

class SingleStream : private media::PipeSink {
 public:
  explicit SingleStream(MediaSink& sink) : sink_(sink), reader_(*this, "stream") {}

  std::span<std::uint8_t> prepare() { return reader_.prepare(); }
  Result<void> commit(std::size_t size) { return reader_.commit(size); }
  // End of input: an error if it broke off.
  Result<void> finish() { return reader_.finish(); }

 private:
  void on_begin(media::ChannelId channel, const media::StreamInfo&) override {
    if (!taken_) taken_ = channel;
  }
  void on_message(media::ChannelId channel, media::Message message) override {
    if (channel == taken_) sink_.forward(std::move(message));
  }
  void on_end(media::ChannelId, media::EndReason) override {}

  MediaSink& sink_;
  std::optional<media::ChannelId> taken_;
  media::PipeReader reader_;
};

}  // namespace srs::ingest
