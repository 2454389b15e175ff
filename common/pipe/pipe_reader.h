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
#include "media/stream_info.h"

namespace srs::pipe {

// One channel of a pipe. 0 is the single stream of plain FLV.
using ChannelId = std::uint32_t;

class PipeSink {
 public:
  virtual ~PipeSink() = default;
  virtual void on_begin(ChannelId channel, const media::StreamInfo& info) = 0;
  // Every message of the stream but onStream, in order. The kind is filled in.
  virtual void on_message(ChannelId channel, media::Message message) = 0;
  virtual void on_end(ChannelId channel, media::EndReason reason) = 0;
};

class PipeReader {
 public:
  // Open at a time; more are an error: nobody has so many streams.
  static constexpr std::size_t max_channels = 65'536;

  // plain_path names the stream of plain FLV; if it is empty, the name is that of the metadata at its start,
  // or else `unnamed`.
  PipeReader(PipeSink& sink, std::string plain_path, std::string unnamed = "live/stdin")
      : sink_(sink), plain_path_(std::move(plain_path)), unnamed_(std::move(unnamed)) {}

  std::span<std::uint8_t> prepare() { return reader_.prepare(); }
  // size bytes of prepare() were read: passes on every message that is complete now. After an error open
  // streams stay open: call finish().
  Result<void> commit(std::size_t size);
  // End of input, or of our patience: ends all open streams. An error if the input broke off: inside a tag,
  // or while a stream was open that had promised an onStream "end".
  Result<void> finish();

  bool seen_channels() const { return seen_channels_; }
  std::uint64_t offset() const { return reader_.offset(); }

 private:
  struct Channel {
    media::StreamInfo info;
    media::TimestampUnwrapper timestamps;
    bool promises_end = false;
  };

  Result<void> on_tag(flv::Tag tag);
  Result<void> on_stream_event(const flv::Tag& tag);
  Result<Channel*> channel_of(const flv::Tag& tag);
  std::string plain_stream_path(const flv::Tag& first) const;

  PipeSink& sink_;
  std::string plain_path_, unnamed_;
  flv::Reader reader_;
  std::map<ChannelId, Channel> channels_;
  bool seen_channels_ = false;
  bool plain_ended_ = false;
  std::string plain_lost_;  // its path
};

}  // namespace srs::pipe
