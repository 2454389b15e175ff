// StdinStreams: "-" as a source: the streams of a pipe, one or many, on to the output.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "cli/log.h"
#include "media/pipe_reader.h"
#include "stream_output.h"

namespace srs::ingest {

class StdinStreams : private media::PipeSink {
 public:
  struct Options {
    std::string plain_path;  // names the stream of plain FLV; empty: see PipeReader
    std::string only_path;   // if set, other streams are left out
    media::OnFull on_full = media::OnFull::block;
    bool paced = false;
    bool may_be_plain = false;  // nothing else is on the output: plain FLV in is plain FLV out
  };
  StdinStreams(media::PipeWriter& writer, Options options, const cli::Log& log, std::stop_token stop);

  // Reads to the end of input, to the end of the only stream asked for, or until stop is requested. An error
  // if the input broke off, or if that stream is not in it.
  Result<void> run();

 private:
  void on_begin(media::ChannelId channel, const media::StreamInfo& info) override;
  void on_message(media::ChannelId channel, media::Message message) override;
  void on_end(media::ChannelId channel, media::EndReason reason) override;

  media::PipeWriter& writer_;
  Options options_;
  const cli::Log& log_;
  std::stop_token stop_;
  media::PipeReader reader_;
  std::map<media::ChannelId, std::unique_ptr<StreamOutput>> outputs_;
  bool only_began_ = false;
  bool only_ended_ = false;
};

}  // namespace srs::ingest
