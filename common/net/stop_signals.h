// StopSignals: SIGINT and SIGTERM ask a tool to finish; a tool that cannot is ended.
//
// The first signal calls on_stop, which drains and finishes files. A second one, or 4.5 s
// without an end, ends the process at once: a service manager waits for 5 s.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <functional>

namespace srs::net {

class StopSignals {
 public:
  StopSignals(asio::io_context& io, std::function<void()> on_stop);
  // Gives the signals back, so that io_context::run() may return.
  void cancel();
  bool received() const { return received_; }

 private:
  void wait();

  asio::signal_set signals_;
  asio::steady_timer deadline_;
  std::function<void()> on_stop_;
  bool received_ = false;
};

}  // namespace srs::net
