// ReloadSignal: SIGHUP asks a tool to read the files that its options name again.
//
// Without it SIGHUP ends a program, so a tool that names no file makes none. The callbacks are called in the
// order in which they were added, on the io_context's thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <functional>
#include <vector>

namespace srs::net {

class ReloadSignal {
 public:
  explicit ReloadSignal(asio::io_context& io);

  void add(std::function<void()> on_reload) { callbacks_.push_back(std::move(on_reload)); }
  // Gives the signal back, so that io_context::run() may return.
  void cancel();

 private:
  void wait();

  asio::signal_set signals_;
  std::vector<std::function<void()>> callbacks_;
};

}  // namespace srs::net
