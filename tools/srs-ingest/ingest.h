// Ingest: the wiring of srs-ingest: listeners and sources into one pipe.
//
// Publishers run on the io_context of the main thread, each source has a thread of its own; they
// meet in the PipeWriter.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>
#include <thread>

#include "gate/gate.h"
#include "live/publications.h"
#include "net/listeners.h"
#include "net/reload_signal.h"
#include "net/stop_signals.h"
#include "pipe/pipe_writer.h"
#include "service/notify.h"
#include "service/sockets.h"
#include "srs-ingest/admin/ingest_instrument.h"
#include "srs-ingest/open_source.h"
#include "srs-ingest/options.h"
#include "srs-ingest/output/published_streams.h"
#include "srs-ingest/publishers/protocol.h"
#include "srs-ingest/sources/source_runner.h"
#include "srs-ingest/sources/stdin_streams.h"

namespace srs::ingest {

class Ingest {
 public:
  // open_with_ffmpeg: may be null if no source needs it.
  Ingest(const Options& options, OpenWithFfmpeg open_with_ffmpeg, const cli::Log& log);

  // Runs until all sources are done and nobody can publish, or a signal. The exit status.
  int run();

 private:
  void open_output();
  void open_publications();
  Result<void> open_listeners();
  Result<void> open_admin();
  Result<void> open_sources();
  void open_stdin(const SourceOption& source);
  pipe::OnFull on_full_for(bool is_live) const;
  bool is_of_a_source(const std::string& path) const;
  void on_published_stream_end();
  void on_source_done(Result<void> result);
  void on_output_failed(const Error& error);
  void fail(const std::string& message);
  void end_if_idle();
  void stop();
  std::size_t publisher_connections() const;
  int finish();

  const Options options_;
  const OpenWithFfmpeg open_with_ffmpeg_;
  const cli::Log& log_;
  net::Admission admission_;
  asio::io_context io_;
  gate::Gate gate_;
  std::unique_ptr<pipe::PipeWriter> writer_;
  std::optional<PublishedStreams> published_streams_;
  std::optional<live::Publications> publications_;
  std::vector<std::unique_ptr<Protocol>> protocols_;        // in the order of protocols()
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
