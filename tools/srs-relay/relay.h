// Relay: the wiring of srs-relay, and its life from the first listener to the last player.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "http/server.h"
#include "http_players.h"
#include "hub.h"
#include "hub_publish_sink.h"
#include "media/pipe_writer.h"
#include "net/listeners.h"
#include "net/stop_signals.h"
#include "options.h"
#include "rtmp_players.h"
#include "stdin_streams.h"

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
  void serve_rtmp(asio::ip::tcp::socket socket);
  asio::awaitable<void> read_stdin();
  asio::awaitable<void> wait_for_pass();
  void on_pass_failed(const Error& error);
  void end_after_last_player();
  // Ends streams and listeners; the program ends once the players have their rest.
  void drain();
  void check_drained();
  void close_sessions();
  int finish();

  const Options options_;
  const cli::Log& log_;
  asio::io_context io_;
  std::unique_ptr<media::PipeWriter> pass_;
  std::optional<Hub> hub_;
  std::optional<HubPublishSink> publish_sink_;
  std::optional<rtmp::Publishers> publishers_;
  std::optional<RtmpPlayers> rtmp_players_;
  std::optional<HttpPlayers> http_players_;
  std::optional<http::Server> http_server_;
  net::Listeners listeners_;
  std::optional<net::StopSignals> signals_;
  asio::steady_timer drain_timer_;
  asio::steady_timer::time_point drain_deadline_{};
  bool draining_ = false;
  bool pass_failed_ = false;
  int status_ = cli::exit_done;
};

}  // namespace srs::relay
