// Source: something that srs-ingest goes and gets, in a thread of its own.
//
// A source writes the payloads of FLV tags into a MediaSink, with its own timestamps; mapping them onto
// the stream's timeline, pacing, looping and reconnecting are the caller's business.
#pragma once

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
  // source_ms: decoding time, unwrapped. The payload is that of an FLV tag; metadata comes as a
  // script tag "onMetaData". May wait (pacing, a full pipe).
  virtual void write(flv::TagType type, std::int64_t source_ms, Slice payload) = 0;
  // The same for a message that came as an FLV tag, which may then leave as it stands.
  virtual void forward(media::Message message) {
    write(message.type, message.timestamp_ms, std::move(message.payload));
  }
};

class Source {
 public:
  virtual ~Source() = default;
  // "file a.mp4", "rtmp rtmp://host/live/x": for log lines and the stream's origin.
  virtual std::string display() const = 0;
  // Live sources drop GOPs when the pipe is slow; others wait.
  virtual bool is_live() const = 0;
  // Whether it says itself on stderr what its tracks are.
  virtual bool tells_tracks() const { return false; }
  // Blocks until the source has ended (ok), failed, or stop was requested (ok, within 1 s). May be
  // called again: the source is opened anew.
  virtual Result<void> run(MediaSink& sink, std::stop_token stop) = 0;
};

}  // namespace srs::ingest
