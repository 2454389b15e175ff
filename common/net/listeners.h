// Listeners: all the addresses that a tool listens on. They must outlive the run of their io_contexts.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <list>
#include <vector>

#include "cli/log.h"
#include "net/listener.h"

namespace srs::net {

class Listeners {
 public:
  using Serve = Listener::Serve;
  // A thread that serves its share of the connections.
  struct Server {
    asio::any_io_executor executor;
    Serve serve;
  };

  // io, log and what the options refer to must outlive the listeners.
  Listeners(asio::io_context& io, const cli::Log& log, ListenOptions options = {})
      : io_(io), log_(log), options_(options) {}

  // From the next open() on. It must outlive the listeners.
  void set_admission(Admission& admission) { options_.admission = &admission; }
  // Listens, logs the address, and passes each connection to `serve`.
  Result<void> open(const Url& url, Serve serve);
  // The same with a listener for each server (at least one), on its executor.
  Result<void> open_shared(const Url& url, const std::vector<Server>& servers);
  // Closes each listener on its own executor, soon after.
  void close();
  // See Listener.
  void hand_over();
  bool empty() const { return listeners_.empty(); }

 private:
  void start(Listener listener, Serve serve);

  asio::io_context& io_;
  const cli::Log& log_;
  ListenOptions options_;
  std::list<Listener> listeners_;
};

}  // namespace srs::net
