// StreamSink: the destination of publications: srs-ingest's pipe, srs-relay's hub.
#pragma once

#include <memory>

#include "media/message.h"
#include "media/stream_info.h"

namespace srs::live {

// A stream that has begun at a sink. Its owner calls on_end() before destroying it.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // In order, on the stream's absolute timeline.
  virtual void on_message(media::Message message) = 0;
  // The stream now comes from another source. The path is the same.
  virtual void on_source(const media::StreamInfo&) {}
  // Another input turned out to have its path: what it is given goes nowhere. From then on, for good.
  virtual bool refused() const { return false; }
  // The last call.
  virtual void on_end(media::EndReason reason) = 0;
};

class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // Null: another input has this path.
  virtual std::unique_ptr<OpenStream> begin(const media::StreamInfo& info) = 0;
  // True while the sink has no room and sources must not be read.
  virtual bool full() const { return false; }
};

}  // namespace srs::live
