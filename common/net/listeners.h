// Listeners: all the addresses that a tool listens on, with TLS where their URLs say so. They must outlive
// the run of their io_contexts.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "cli/log.h"
#include "net/listener.h"
#include "net/socket.h"
#include "net/tls_handshakes.h"

namespace srs::net {

class Listeners {
 public:
  // Gets a connection, over TLS once its handshake is done.
  using Serve = TlsHandshakes::Serve;
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
  // Listens, logs the address, and passes each connection to `serve`. For rtmps:// and https:// the options
  // must have certificates.
  Result<void> open(const Url& url, Serve serve);
  // The same with a listener for each server (at least one), on its executor.
  Result<void> open_shared(const Url& url, const std::vector<Server>& servers);
  // Closes each listener on its own executor, soon after.
  void close();
  // See Listener. Handshakes of TLS that are under way go on.
  void hand_over();
  bool empty() const { return listeners_.empty(); }

 private:
  struct Held {
    Listener listener;
    std::unique_ptr<TlsHandshakes> handshakes;  // null: without TLS
  };

  void start(Listener listener, const Url& url, Serve serve);
  Listener::Serve accept(Held& held, const Url& url, Serve serve) const;

  asio::io_context& io_;
  const cli::Log& log_;
  ListenOptions options_;
  std::list<Held> listeners_;
};

}  // namespace srs::net
