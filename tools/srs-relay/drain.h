// Drain: a relay's last time, from SIGTERM until those that it serves have gone elsewhere.
//
// Every player and publisher that understands it is asked to connect again (Enhanced RTMP, Reconnect
// Request): to a process that has taken over the port, or to another server behind the same name. The others
// are served like them, as long as the time lasts. Belongs to the main thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "cli/log.h"
#include "worker.h"

namespace srs::relay {

class Drain {
 public:
  // All must outlive it.
  Drain(asio::io_context& io, std::vector<std::unique_ptr<Worker>>& workers, const cli::Log& log)
      : workers_(workers), log_(log), deadline_(io), census_timer_(io) {}

  // Asks the workers' players to leave. Calls `done` once, when nobody is left (also no publisher, as counted
  // by `publishers`) or the time is over. Listeners
  // are being handed over: nobody is left before that is done.
  void begin(std::chrono::milliseconds time, std::function<std::size_t()> publishers,
             std::function<void()> done);
  void stop();
  bool running() const { return static_cast<bool>(done_); }

 private:
  struct Census;

  void count_in(std::chrono::milliseconds time);
  void count();
  void on_counted(const Census& census);
  void finish();

  std::vector<std::unique_ptr<Worker>>& workers_;
  const cli::Log& log_;
  std::chrono::milliseconds time_{0};
  asio::steady_timer deadline_, census_timer_;
  std::function<std::size_t()> publishers_;
  std::function<void()> done_;
  bool told_ = false;  // how many there are
};

}  // namespace srs::relay
