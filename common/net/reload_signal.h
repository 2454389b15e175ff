// ReloadSignal: on SIGHUP a tool reads the files that its options name again.
//
// Every server has one: without it SIGHUP ends a program. If there is nothing to read, it only logs that.
// Callbacks run in the order in which they were added, on the io_context's thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <functional>
#include <vector>

#include "cli/log.h"

namespace srs::net {

class ReloadSignal {
 public:
  // Both must outlive it.
  ReloadSignal(asio::io_context& io, const cli::Log& log);

  void add(std::function<void()> on_reload) { callbacks_.push_back(std::move(on_reload)); }
  // Stops waiting for the signal, so that io_context::run() may return.
  void cancel();

 private:
  void wait();

  const cli::Log& log_;
  asio::signal_set signals_;
  std::vector<std::function<void()>> callbacks_;
};

}  // namespace srs::net
