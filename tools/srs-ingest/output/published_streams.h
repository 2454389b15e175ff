// PublishedStreams: where the streams of publishers go, of whatever protocol: to the pipe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "srs-ingest/output/pipe_stream.h"

namespace srs::ingest {

class PublishedStreams : public live::StreamSink {
 public:
  struct Options {
    pipe::OnFull on_full = pipe::OnFull::drop_gop;
    std::function<bool(const std::string& path)> is_reserved;  // for a source: no publisher may have it
    std::function<void()> on_end;                              // of each stream
    const cli::Log* log = nullptr;                             // says what had to be repaired
  };
  // The writer must outlive it and its streams.
  PublishedStreams(pipe::PipeWriter& writer, Options options)
      : writer_(writer), options_(std::move(options)) {}

  std::unique_ptr<live::OpenStream> begin(const media::StreamInfo& info) override;
  bool full() const override { return options_.on_full == pipe::OnFull::block && writer_.full(); }

 private:
  pipe::PipeWriter& writer_;
  const Options options_;
};

}  // namespace srs::ingest
