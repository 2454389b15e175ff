// StdinStreams: "-" as a source: forwards the streams of a pipe, one or many, to the output.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "cli/log.h"
#include "pipe/pipe_reader.h"
#include "srs-ingest/sources/stream_output.h"

namespace srs::ingest {

class StdinStreams : private pipe::PipeSink {
 public:
  struct Options {
    std::string plain_path;  // names the stream of plain FLV; empty: see PipeReader
    std::string only_path;   // if set, the only stream
    pipe::OnFull on_full = pipe::OnFull::block;
    bool paced = false;
    bool may_be_plain = false;  // nothing else is on the output: plain FLV stays plain FLV
  };
  StdinStreams(pipe::PipeWriter& writer, Options options, const cli::Log& log, std::stop_token stop);

  // Reads to the end of the input, to the end of the only stream, or until stop is requested. An error if the
  // input broke off, or if it does not contain the only stream.
  Result<void> run();

 private:
  void on_begin(pipe::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(pipe::ChannelId channel, media::Message message) override;
  void on_end(pipe::ChannelId channel, media::EndReason reason) override;

  pipe::PipeWriter& writer_;
  Options options_;
  const cli::Log& log_;
  std::stop_token stop_;
  pipe::PipeReader reader_;
  std::map<pipe::ChannelId, std::unique_ptr<StreamOutput>> outputs_;
  bool only_began_ = false;
  bool only_ended_ = false;
};

}  // namespace srs::ingest
