// Listening sockets of a server, for any protocol.
//
// `rtmp://:1935` listens on every address, IPv6 and IPv4 with one dual-stack socket where the
// machine has IPv6; port 0 takes a free port.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "net/inherited_sockets.h"
#include "net/url.h"

namespace srs::net {

struct ListenOptions {
  // Listen also where another process of this user does that allows it, as all of ours do. Without it that is
  // an error: two that share a port by mistake would go unnoticed.
  bool share_ports = false;
  // Used instead of new sockets where they have the address; may be null.
  InheritedSockets* inherited = nullptr;
};

class Listener {
 public:
  // Resolves, binds and listens: one listener for each executor (at least one), all at the same address, over
  // which the kernel spreads the connections (SO_REUSEPORT). Errors say what to do ("address already in
  // use").
  static Result<std::vector<Listener>> open(const std::vector<asio::any_io_executor>& executors,
                                            const Url& url, const ListenOptions& options);

  // The URL with the port that was really bound, for people: "rtmp://0.0.0.0:1935".
  std::string display() const;
  std::uint16_t port() const;

  // Accepts until close(): calls `serve` with each connection (TCP_NODELAY set). Out of file
  // descriptors it complains, pauses without spinning and goes on; once until it has accepted again.
  asio::awaitable<void> accept_loop(std::function<void(asio::ip::tcp::socket)> serve,
                                    std::function<void(std::string)> complain);
  // On its executor's thread. The connections that wait to be accepted are taken first, since closing would
  // reset them; with an inherited socket they are left to who uses it next.
  void close();
  // The same, but lets another process that shares the port take over without a connection lost: new ones go
  // there at once, while those whose handshake is under way are still accepted here; after hand_over_time it
  // closes. On its executor's thread.
  void hand_over();
  static constexpr std::chrono::milliseconds hand_over_time{300};
  asio::any_io_executor executor() { return acceptor_.get_executor(); }

 private:
  // sharers: how many of ours share its port; 0 if it is inherited.
  Listener(asio::ip::tcp::acceptor acceptor, std::string scheme, std::size_t sharers)
      : acceptor_(std::move(acceptor)), scheme_(std::move(scheme)), sharers_(sharers) {}

  static Result<std::vector<Listener>> inherit(const std::vector<asio::any_io_executor>& executors,
                                               const Url& url, int fd);

  void take_waiting(const std::function<void(asio::ip::tcp::socket)>& serve);

  asio::ip::tcp::acceptor acceptor_;
  std::string scheme_;
  std::size_t sharers_;
  bool accepting_ = false;  // accept_loop() runs
  bool closing_ = false;
  std::unique_ptr<asio::steady_timer> hand_over_timer_;
};

// "127.0.0.1:50123", or "unknown" once the peer is gone.
std::string remote_address(const asio::ip::tcp::socket& socket);

}  // namespace srs::net
