// Source: a stream that srs-ingest fetches, in a thread of its own.
//
// A source writes the payloads of FLV tags into a MediaSink, with its own timestamps; mapping them onto the
// stream's timeline, pacing, looping and reconnecting are up to the caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "core/slice.h"
#include "flv/tag.h"
#include "media/message.h"

namespace srs::ingest {

class MediaSink {
 public:
  virtual ~MediaSink() = default;
  // source_ms: decoding time, unwrapped. The payload is that of an FLV tag; metadata is a script tag
  // "onMetaData". May block (pacing, a full pipe).
  virtual void write(flv::TagType type, std::int64_t source_ms, Slice payload) = 0;
  // The following data was held back since its first byte arrived, at this time, to detect its streams; it
  // now comes in one burst, up to the present.
  virtual void held_back_since(std::chrono::system_clock::time_point /*since*/) {}
  // Like write(), for a message that came as an FLV tag and may be forwarded unchanged.
  virtual void forward(media::Message message) {
    write(message.type, message.timestamp_ms, std::move(message.payload));
  }
};

class Source {
 public:
  virtual ~Source() = default;
  // "file a.mp4", "rtmp rtmp://host/live/x": for log lines and the stream's origin.
  virtual std::string display() const = 0;
  // Live sources drop GOPs if the pipe is slow; others wait.
  virtual bool is_live() const = 0;
  // Whether it logs its tracks itself.
  virtual bool tells_tracks() const { return false; }
  // Blocks until the source has ended (ok), failed, or stop was requested (ok, within 1 s). May be called
  // again: this reopens the source.
  virtual Result<void> run(MediaSink& sink, std::stop_token stop) = 0;
};

}  // namespace srs::ingest
