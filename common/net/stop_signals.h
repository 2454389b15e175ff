// StopSignals: SIGINT and SIGTERM ask a tool to finish; one that does not is ended.
//
// The first signal calls on_stop, which finishes files. A second one ends the process at once, and so do 4.5
// s without an end: a service manager waits for 5 s. The same signal within half a second counts as the first
// one: timeout(1) sends each twice, to its child and to the child's group. A tool that can drain sets
// on_drain: a first SIGTERM calls that, and the next signal on_stop.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>

namespace srs::net {

class StopSignals {
 public:
  StopSignals(asio::io_context& io, std::function<void()> on_stop, std::function<void()> on_drain = {});
  // The tool has done what it was asked for: a signal that comes while the process ends changes nothing.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  // Draining is complete and the tool ends by itself: the 4.5 s begin.
  void on_drained();
  // Stops waiting for signals, so that io_context::run() may return.
  void cancel();
  bool received() const { return received_; }

 private:
  void wait();
  void on_signal(int signal);
  void start_deadline();

  asio::signal_set signals_;
  asio::steady_timer deadline_;
  std::function<void()> on_stop_, on_drain_;
  bool received_ = false;
  bool draining_ = false;
  int last_signal_ = 0;
  std::chrono::steady_clock::time_point last_at_{};
};

}  // namespace srs::net
