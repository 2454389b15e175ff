// Ingest: the wiring of srs-ingest: listeners and sources into one pipe.
//
// Publishers run on the io_context of the main thread, each source has a thread of its own; they
// meet in the PipeWriter.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "ingest_instrument.h"
#include "media/pipe_writer.h"
#include "net/listeners.h"
#include "net/reload_signal.h"
#include "net/stop_signals.h"
#include "options.h"
#include "rtmp/publishers.h"
#include "service/notify.h"
#include "service/sockets.h"
#include "source_runner.h"
#include "stdin_streams.h"

namespace srs::ingest {

class Ingest : public rtmp::PublishSink {
 public:
  Ingest(const Options& options, const cli::Log& log);

  // Runs until all sources are done and nobody can publish, or a signal. The exit status.
  int run();

 private:
  bool on_begin(const media::StreamInfo& info) override;
  void on_message(const std::string& path, media::Message message) override;
  void on_end(const std::string& path) override;
  bool full() const override;

  void open_output();
  Result<void> open_listeners();
  Result<void> open_admin();
  Result<void> open_sources();
  void open_stdin(const SourceOption& source);
  media::OnFull on_full_for(bool is_live) const;
  void on_source_done(Result<void> result);
  void on_output_failed(const Error& error);
  void fail(const std::string& message);
  void end_if_idle();
  void stop();
  int finish();

  const Options options_;
  const cli::Log& log_;
  net::Admission admission_;
  asio::io_context io_;
  std::unique_ptr<media::PipeWriter> writer_;
  std::optional<rtmp::Publishers> publishers_;
  std::map<std::string, media::ChannelId> published_;
  const std::unique_ptr<net::InheritedSockets> inherited_;  // null: none
  net::Listeners listeners_;
  net::ReloadSignal reload_;
  service::Notify notify_;
  std::list<SourceRunner> runners_;
  std::jthread stdin_thread_;
  std::size_t running_sources_ = 0;
  std::optional<net::StopSignals> signals_;
  std::optional<IngestInstrument> instrument_;
  std::optional<admin::AdminServer> admin_;
  bool stopping_ = false;
  bool output_failed_ = false;
  int status_ = cli::exit_done;
};

}  // namespace srs::ingest
