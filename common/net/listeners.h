// Listeners: all the addresses that a tool listens on.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <list>

#include "cli/log.h"
#include "net/listener.h"

namespace srs::net {

class Listeners {
 public:
  using Serve = std::function<void(asio::ip::tcp::socket)>;

  // io and log must outlive the listeners.
  Listeners(asio::io_context& io, const cli::Log& log) : io_(io), log_(log) {}

  // Listens, says on which address, and hands each connection to `serve`.
  Result<void> open(const Url& url, Serve serve);
  void close();
  bool empty() const { return listeners_.empty(); }

 private:
  asio::io_context& io_;
  const cli::Log& log_;
  std::list<Listener> listeners_;
};

}  // namespace srs::net
