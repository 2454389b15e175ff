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
#include "net/admission.h"
#include "net/inherited_sockets.h"
#include "net/spare_descriptors.h"
#include "net/url.h"

namespace srs::net {

struct ListenOptions {
  // Listen also where another process of this user does that allows it, as all of ours do. Without it that is
  // an error: two that share a port by mistake would go unnoticed.
  bool share_ports = false;
  // Used instead of new sockets where they have the address; may be null.
  InheritedSockets* inherited = nullptr;
  // Who decides which connections are taken; null: all are.
  Admission* admission = nullptr;
  // Descriptors kept for when all others are in use: so many connections at a time are taken even then.
  std::size_t spares = 0;
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

  // A connection (TCP_NODELAY set), and its ticket, to be kept as long as it.
  using Serve = std::function<void(asio::ip::tcp::socket, Ticket)>;
  struct Told {
    // Out of file descriptors: once until it has accepted again.
    std::function<void(std::string)> complain;
    // A connection that was not admitted, and was closed. May be empty.
    std::function<void(Admission::Verdict verdict, const asio::ip::tcp::endpoint& peer)> refused;
  };
  // Accepts until close(). Out of file descriptors it pauses without spinning, and goes on.
  asio::awaitable<void> accept_loop(Serve serve, Told told);
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

  void take_waiting(const Serve& serve, const Told& told);
  // spare: the descriptor is one of those that were kept.
  void take(asio::ip::tcp::socket socket, bool spare, const Serve& serve, const Told& told);
  void use(const ListenOptions& options);

  asio::ip::tcp::acceptor acceptor_;
  Admission* admission_ = nullptr;
  std::shared_ptr<SpareDescriptors> spares_;  // null: none
  std::string scheme_;
  std::size_t sharers_;
  bool accepting_ = false;  // accept_loop() runs
  bool closing_ = false;
  std::unique_ptr<asio::steady_timer> hand_over_timer_;
};

// "127.0.0.1:50123", or "unknown" once the peer is gone.
std::string remote_address(const asio::ip::tcp::socket& socket);
// "127.0.0.1:50123", "[2001:db8::7]:50123"
std::string display_endpoint(const asio::ip::tcp::endpoint& endpoint);

}  // namespace srs::net
