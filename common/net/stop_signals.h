// StopSignals: SIGINT and SIGTERM ask a tool to finish; a tool that cannot is ended.
//
// The first signal calls on_stop, which finishes files. A second one, or 4.5 s without an end, ends the
// process at once: a service manager waits for 5 s. A tool that can leave slowly has on_drain: a SIGTERM goes
// there first, and the next signal to on_stop.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <functional>

namespace srs::net {

class StopSignals {
 public:
  StopSignals(asio::io_context& io, std::function<void()> on_stop, std::function<void()> on_drain = {});
  // After on_drain: the end has come by itself, and the 4.5 s begin.
  void on_drained();
  // Gives the signals back, so that io_context::run() may return.
  void cancel();
  bool received() const { return received_; }

 private:
  void wait();
  void take(int signal);
  void start_deadline();

  asio::signal_set signals_;
  asio::steady_timer deadline_;
  std::function<void()> on_stop_, on_drain_;
  bool received_ = false;
  bool draining_ = false;
};

}  // namespace srs::net
