// PipeReader turns the FLV of a pipe into streams: one (plain FLV) or many (channels).
//
// It is fed bytes and calls a PipeSink; it does no input of its own and belongs to one thread.
// Plain FLV has StreamID 0 in every tag and is one stream, named by the caller or by the
// onStream tag that ends it. On a pipe with channels each StreamID from its onStream "begin"
// to its "end" is one stream. See srs-pipe(5).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/result.h"
#include "flv/reader.h"
#include "media/message.h"

namespace srs::media {

struct StreamInfo {
  std::string path;    // "live/cam1"
  std::string origin;  // who published it: "rtmp 10.0.0.7:50123", "file a.mp4"; may be empty
  std::string via;     // the relays that it came through, oldest first: see media/via.h; may be empty
  // Names the timeline that its timestamps are on: streams of the same name, wherever they come from, agree
  // on the time of a frame. May be empty: unknown.
  std::string timeline;
};

enum class EndReason {
  ended,  // its source said so, or the input ended as it should
  lost,   // its source went away, and the stage before us goes on: it may begin again
  cut,    // the input broke off
};

// One channel of a pipe. 0 is the single stream of plain FLV.
using ChannelId = std::uint32_t;

class PipeSink {
 public:
  virtual ~PipeSink() = default;
  virtual void on_begin(ChannelId channel, const StreamInfo& info) = 0;
  // Every message of the stream but onStream, in order. The kind is filled in.
  virtual void on_message(ChannelId channel, Message message) = 0;
  virtual void on_end(ChannelId channel, EndReason reason) = 0;
};

class PipeReader {
 public:
  // Of a pipe. More open at a time is an error: nobody has so many streams.
  static constexpr std::size_t max_channels = 65'536;

  // plain_path names the stream of plain FLV; if it is empty, the name is the one that its metadata
  // starts with, or "live/stdin".
  PipeReader(PipeSink& sink, std::string plain_path) : sink_(sink), plain_path_(std::move(plain_path)) {}

  std::span<std::uint8_t> prepare() { return reader_.prepare(); }
  // size bytes of prepare() were read: hands on every message that is whole now. After an
  // error the streams that are open stay open: call finish().
  Result<void> commit(std::size_t size);
  // End of input, or of patience: ends what is open. An error if the input broke off: inside
  // a tag, or while a stream was open that had promised an onStream "end".
  Result<void> finish();

  bool seen_channels() const { return seen_channels_; }
  std::uint64_t offset() const { return reader_.offset(); }

 private:
  struct Channel {
    StreamInfo info;
    TimestampUnwrapper timestamps;
    bool promises_end = false;
  };

  Result<void> take(flv::Tag tag);
  Result<void> take_on_stream(const flv::Tag& tag);
  Result<Channel*> channel_of(const flv::Tag& tag);
  std::string path_of_plain(const flv::Tag& first) const;

  PipeSink& sink_;
  std::string plain_path_;
  flv::Reader reader_;
  std::map<ChannelId, Channel> channels_;
  bool seen_channels_ = false;
  bool plain_ended_ = false;
  std::string plain_lost_;  // its path
};

}  // namespace srs::media
