// Drain: from SIGTERM until everyone that the relay serves has gone elsewhere.
//
// Every player and publisher that understands it is asked to reconnect (Enhanced RTMP, Reconnect Request):
// to a process that has taken over the port, or to another server behind the same name. All are served
// until they leave or the time is over. Belongs to the main thread.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "net/timer.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class Drain {
 public:
  // All must outlive it, and it must outlive every run of the workers.
  Drain(asio::io_context& io, const Clock& clock, std::vector<std::unique_ptr<Worker>>& workers,
        const cli::Log& log)
      : io_(io), workers_(workers), log_(log), deadline_(io, clock), census_timer_(io, clock) {}

  // Asks the workers' players to leave. Calls `done` once, when nobody is left (including publishers,
  // counted by `publishers`) and the listeners are handed over, or when the time is over. While it runs,
  // another begin() has no effect.
  void begin(std::chrono::milliseconds time, std::function<std::size_t()> publishers,
             std::function<void()> done);
  void stop();
  bool running() const { return static_cast<bool>(done_); }

 private:
  struct Census;

  void count_in(std::chrono::milliseconds time);
  void count();
  void on_counted(const std::shared_ptr<Census>& census);
  void finish();

  asio::io_context& io_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const cli::Log& log_;
  std::chrono::milliseconds time_{0};
  net::Timer deadline_, census_timer_;
  std::function<std::size_t()> publishers_;
  std::function<void()> done_;
  std::shared_ptr<Census> census_;  // under way
  bool logged_ = false;             // the number of players and publishers
};

}  // namespace srs::relay
