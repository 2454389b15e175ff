// HubStream: a stream in the hub, as a publication feeds it; PublishedStreams: where those of the publishers
// of a thread go.
#pragma once

#include <memory>
#include <utility>

#include "live/stream_sink.h"
#include "srs-relay/streams/hub.h"

namespace srs::relay {

class HubStream : public live::OpenStream {
 public:
  HubStream(Hub& hub, Hub::PublishedPtr published) : hub_(hub), published_(std::move(published)) {}

  void on_message(media::Message message) override { hub_.append(*published_, std::move(message)); }
  void on_source(const media::StreamInfo& info) override {
    published_->stream->set_provenance({info.via, info.timeline});
  }
  void on_end(media::EndReason reason) override { hub_.end(published_, reason); }
  bool refused() const override { return published_->refused; }

 private:
  Hub& hub_;
  const Hub::PublishedPtr published_;
};

class PublishedStreams : public live::StreamSink {
 public:
  // io: of the thread that calls begin(), and feeds and ends the streams.
  PublishedStreams(Hub& hub, asio::io_context& io) : hub_(hub), io_(io) {}

  std::unique_ptr<live::OpenStream> begin(const media::StreamInfo& info) override {
    return std::make_unique<HubStream>(hub_, hub_.begin_on(io_, info));
  }

 private:
  Hub& hub_;
  asio::io_context& io_;
};

}  // namespace srs::relay
