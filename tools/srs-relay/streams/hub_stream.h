// HubStream: a stream in the hub, as a publication feeds it; PublishedStreams: where those of publishers go.
// The main thread.
#pragma once

#include <memory>
#include <utility>

#include "live/stream_sink.h"
#include "srs-relay/streams/hub.h"

namespace srs::relay {

class HubStream : public live::OpenStream {
 public:
  HubStream(Hub& hub, std::shared_ptr<Hub::Published> published)
      : hub_(hub), published_(std::move(published)) {}

  void on_message(media::Message message) override { hub_.append(*published_, std::move(message)); }
  void on_source(const media::StreamInfo& info) override {
    published_->stream->set_provenance({info.via, info.timeline});
  }
  void on_end(media::EndReason reason) override { hub_.end(*published_, reason); }

 private:
  Hub& hub_;
  const std::shared_ptr<Hub::Published> published_;
};

class PublishedStreams : public live::StreamSink {
 public:
  explicit PublishedStreams(Hub& hub) : hub_(hub) {}

  std::unique_ptr<live::OpenStream> begin(const media::StreamInfo& info) override {
    auto published = hub_.begin(info);
    if (!published) return nullptr;
    return std::make_unique<HubStream>(hub_, std::move(published));
  }

 private:
  Hub& hub_;
};

}  // namespace srs::relay
