// SourceRunner: one source in a thread of its own, over and over if it loops or reconnects.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "cli/log.h"
#include "pipe/pipe_writer.h"
#include "srs-ingest/sources/source.h"
#include "srs-ingest/sources/stream_output.h"

namespace srs::ingest {

class SourceRunner {
 public:
  struct Options {
    StreamOutput::Options output;
    bool loop = false;
    bool reconnect = false;
  };
  // done is called from the thread, once, with what went wrong at last.
  SourceRunner(std::unique_ptr<Source> source, pipe::PipeWriter& writer, Options options, const cli::Log& log,
               std::function<void(Result<void>)> done);

  // Asks the source to stop; its stream is ended and done is called within a second.
  void stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop);
  Result<void> run_until_done(StreamOutput& output, const std::stop_token& stop);
  // False if a stop was requested meanwhile.
  static bool sleep(std::chrono::milliseconds time, const std::stop_token& stop);

  std::unique_ptr<Source> source_;
  pipe::PipeWriter& writer_;
  Options options_;
  const cli::Log& log_;
  std::function<void(Result<void>)> done_;
  std::jthread thread_;
};

}  // namespace srs::ingest
