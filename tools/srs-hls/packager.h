// Packager: the wiring of srs-hls, and its lifetime from the first byte of input to the last file.
//
// Everything runs on one io_context and one thread: reading stdin, writing files, serving them. Writing
// blocks; between two reads of stdin pending requests get their turn.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "gate/gate.h"
#include "http/server.h"
#include "http/static_files.h"
#include "net/listeners.h"
#include "net/reload_signal.h"
#include "net/stop_signals.h"
#include "net/tls_certificates.h"
#include "service/notify.h"
#include "service/sockets.h"
#include "srs-hls/admin/hls_instrument.h"
#include "srs-hls/delivery/delivery.h"
#include "srs-hls/options.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/outlets/directory_outlet.h"
#include "srs-hls/outlets/uploader.h"
#include "srs-hls/streams/streams.h"

namespace srs::hls {

class Packager {
 public:
  Packager(const Options& options, const cli::Log& log);

  // Runs until the input has ended and --linger is over, or a signal arrives. Returns the exit status.
  int run();

 private:
  Result<void> open();
  Result<void> open_places();
  void open_upload();
  Result<void> open_tls();
  Result<void> open_listeners();
  Result<void> open_admin();
  asio::awaitable<void> read_stdin();
  void on_input_end();
  void on_signal();
  void sweep_each_second();
  int finish();

  const Options options_;
  const cli::Log& log_;
  const Clock clock_;
  net::Admission admission_;
  asio::io_context io_;
  gate::Gate gate_;
  asio::steady_timer sweep_timer_;
  asio::steady_timer end_timer_;
  std::optional<Directory> directory_;
  std::optional<Directory> key_directory_, record_directory_;
  std::vector<std::unique_ptr<Outlet>> outlets_;
  Uploader* uploader_ = nullptr;  // one of outlets_; null: none
  net::ReloadSignal reload_;
  std::optional<Streams> streams_;
  std::optional<http::StaticFiles> files_;
  std::optional<Delivery> delivery_;
  std::optional<http::Server> server_;
  const std::unique_ptr<net::InheritedSockets> inherited_;  // null: none
  std::shared_ptr<const net::TlsContext> trust_;            // as a client
  net::TlsCertificates certificates_;
  net::Listeners listeners_;
  std::optional<HlsInstrument> instrument_;
  std::optional<admin::AdminServer> admin_;
  service::Notify notify_;
  std::optional<net::StopSignals> signals_;
  bool input_ended_ = false;
  bool ending_ = false;
  int status_ = cli::exit_done;
};

}  // namespace srs::hls
