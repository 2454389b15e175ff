// Relay: the wiring of srs-relay, and its life from the first listener to the last player.
//
// The main thread is the input's: stdin, publishers, the hub with its streams, what is passed on. The workers
// serve the players. So players never hold up the input, however many there are and however slow.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "cluster.h"
#include "drain.h"
#include "formats.h"
#include "hub.h"
#include "hub_publish_sink.h"
#include "media/pipe_writer.h"
#include "net/listeners.h"
#include "net/reload_signal.h"
#include "net/stop_signals.h"
#include "options.h"
#include "pulls.h"
#include "pusher.h"
#include "relay_instrument.h"
#include "service/notify.h"
#include "service/sockets.h"
#include "stdin_streams.h"
#include "worker.h"

namespace srs::relay {

class Relay {
 public:
  Relay(const Options& options, const cli::Log& log);

  // Runs until the input has ended (unless publishers may come), or a signal. The exit status.
  int run();

 private:
  Result<void> open_listeners();
  void open_pass();
  void open_publishers();
  void open_workers();
  Result<void> open_origins();
  Result<void> open_cluster();
  void open_pushes();
  void start_workers();
  Result<void> open_admin();
  void tell_ready();
  std::size_t players() const;
  std::string status() const;
  asio::awaitable<void> read_stdin();
  asio::awaitable<void> wait_for_pass();
  void on_pass_failed(const Error& error);
  void end_after_last_player();
  // Nothing but a signal ends a relay that takes publishers or fetches streams.
  bool goes_on_without_stdin() const { return options_.accept_publish || options_.is_only_edge(); }
  // SIGTERM: asks players and publishers to leave, and serves them until they have.
  void drain();
  // Ends streams and listeners; the program ends once the players have their rest.
  void end();
  void check_ended();
  void close_sessions();
  int finish();

  const Options options_;
  const cli::Log& log_;
  net::Admission admission_;
  const Formats formats_;
  // Of all RTMP connections.
  const std::shared_ptr<rtmp::MessageBudget> budget_ = std::make_shared<rtmp::MessageBudget>();
  std::vector<std::unique_ptr<Worker>> workers_;
  asio::io_context io_;
  std::unique_ptr<media::PipeWriter> pass_;
  std::optional<Hub> hub_;
  std::optional<http::Client> http_;
  std::optional<Origins> origins_;
  std::optional<Cluster> cluster_;
  std::optional<Pulls> pulls_;
  std::optional<HubPublishSink> publish_sink_;
  std::optional<rtmp::Publishers> publishers_;
  std::optional<Pusher> pusher_;
  const std::unique_ptr<net::InheritedSockets> inherited_;  // null: none
  net::Listeners listeners_;
  std::optional<RelayInstrument> instrument_;
  std::optional<admin::AdminServer> admin_;
  service::Notify notify_;
  net::ReloadSignal reload_;
  std::optional<net::StopSignals> signals_;
  Drain drain_;
  asio::steady_timer end_timer_;
  asio::steady_timer::time_point end_deadline_{};
  bool ending_ = false;
  bool pass_failed_ = false;
  int status_ = cli::exit_done;
};

}  // namespace srs::relay
