// Relay: the wiring of srs-relay, and its life from the first listener to the last player.
//
// The main thread has stdin, pulls and the hub, the directory of all streams. The workers serve the players
// and read the publishers.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "net/listeners.h"
#include "net/reload_signal.h"
#include "net/stop_signals.h"
#include "net/timer.h"
#include "pipe/pipe_writer.h"
#include "service/notify.h"
#include "service/sockets.h"
#include "srs-relay/admin/relay_instrument.h"
#include "srs-relay/options.h"
#include "srs-relay/origins/cluster.h"
#include "srs-relay/origins/pulls.h"
#include "srs-relay/protocols.h"
#include "srs-relay/publishers/publisher_homes.h"
#include "srs-relay/push/pusher.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/streams/stdin_streams.h"
#include "srs-relay/workers/drain.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class Relay {
 public:
  Relay(const Options& options, const cli::Log& log);
  ~Relay();

  // Runs until the input has ended (unless publishers may come) or a signal. Returns the exit status.
  int run();

 private:
  Result<void> open_listeners();
  void make_workers();
  Result<void> open_access();
  void open_pass();
  void open_publishers();
  void make_protocols();
  Result<void> open_origins();
  Result<void> open_cluster();
  void open_pushes();
  void start_workers();
  Result<void> open_admin();
  void report_ready();
  std::size_t players() const;
  std::string status() const;
  asio::awaitable<void> read_stdin();
  asio::awaitable<void> wait_for_pass();
  void on_pass_failed(const Error& error);
  void end_after_last_player();
  // A relay that takes publishers or pulls streams is ended by a signal only.
  bool goes_on_without_stdin() const { return options_.accept_publish || options_.is_only_edge(); }
  // SIGTERM: asks players and publishers to leave, and serves them until they have.
  void drain();
  // Ends streams and listeners; the program ends once the players have received the rest.
  void end();
  void check_ended();
  void close_sessions();
  int finish();

  const Options options_;
  const cli::Log& log_;
  const Clock& clock_ = system_clock();
  net::Admission admission_;
  // Of all RTMP connections.
  const std::shared_ptr<rtmp::MessageBudget> budget_ = std::make_shared<rtmp::MessageBudget>();
  std::unique_ptr<ProtocolSetup> protocols_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Wakers wakers_;  // the workers
  asio::io_context io_;
  gate::Gate gate_;
  std::unique_ptr<pipe::PipeWriter> pass_;
  std::optional<Hub> hub_;
  std::optional<http::Client> http_;
  std::optional<Origins> origins_;
  std::optional<Cluster> cluster_;
  std::optional<Pulls> pulls_;
  std::optional<PublisherHomes> publishers_;
  std::optional<Pusher> pusher_;
  const std::unique_ptr<net::InheritedSockets> inherited_;  // null: none
  net::Listeners listeners_;
  std::optional<RelayInstrument> instrument_;
  std::optional<admin::AdminServer> admin_;
  service::Notify notify_;
  net::ReloadSignal reload_;
  std::optional<net::StopSignals> signals_;
  Drain drain_;
  net::Timer end_timer_;
  Clock::TimePoint end_deadline_{};
  bool ending_ = false;
  bool pass_failed_ = false;
  int status_ = cli::exit_done;
};

}  // namespace srs::relay
