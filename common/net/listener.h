// Listening sockets of a server, for any protocol.
//
// `rtmp://:1935` listens on every address, IPv6 and IPv4 with one dual-stack socket where the
// machine has IPv6; port 0 takes a free port.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "net/url.h"

namespace srs::net {

class Listener {
 public:
  // Resolves, binds and listens. Errors say what to do ("address already in use").
  static Result<Listener> open(asio::any_io_executor executor, const Url& url);
  // One for each executor (at least one), all at the same address: the kernel spreads the connections over
  // them (SO_REUSEPORT). An address that another program has is refused all the same.
  static Result<std::vector<Listener>> open_shared(const std::vector<asio::any_io_executor>& executors,
                                                   const Url& url);

  // The URL with the port that was really bound, for people: "rtmp://0.0.0.0:1935".
  std::string display() const;
  std::uint16_t port() const;

  // Accepts until close(): calls `serve` with each connection (TCP_NODELAY set). Out of file
  // descriptors it complains, pauses without spinning and goes on; once until it has accepted again.
  asio::awaitable<void> accept_loop(std::function<void(asio::ip::tcp::socket)> serve,
                                    std::function<void(std::string)> complain);
  // On its executor's thread. The connections that wait to be accepted are taken first: closing would reset
  // them.
  void close();
  asio::any_io_executor executor() { return acceptor_.get_executor(); }

 private:
  Listener(asio::ip::tcp::acceptor acceptor, std::string scheme)
      : acceptor_(std::move(acceptor)), scheme_(std::move(scheme)) {}

  void take_waiting(const std::function<void(asio::ip::tcp::socket)>& serve);

  asio::ip::tcp::acceptor acceptor_;
  std::string scheme_;
  bool closing_ = false;
};

// "127.0.0.1:50123", or "unknown" once the peer is gone.
std::string remote_address(const asio::ip::tcp::socket& socket);

}  // namespace srs::net
