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

class TlsCertificates;

struct ListenOptions {
  // Listen even where another process of this user listens, if it allows sharing, as all our tools do.
  // Otherwise that is an error: a port shared by mistake would go unnoticed.
  bool share_ports = false;
  // Used instead of new sockets where the address matches; may be null.
  InheritedSockets* inherited = nullptr;
  // For rtmps:// and https://; null: no such URL is listened on.
  const TlsCertificates* certificates = nullptr;
  // Decides which connections are admitted; null: all are.
  Admission* admission = nullptr;
  // Descriptors reserved for when all others are in use: so many connections at a time are accepted even
  // then.
  std::size_t spares = 0;
  // The clients are operators: over TLS they need a certificate, if --tls-client-ca is given.
  bool for_operators = false;
};

class Listener {
 public:
  // Resolves, binds and listens: one listener for each executor (at least one), all on the same address; the
  // kernel spreads connections over them (SO_REUSEPORT). Errors say what to do ("address already in use").
  static Result<std::vector<Listener>> open(const std::vector<asio::any_io_executor>& executors,
                                            const Url& url, const ListenOptions& options);

  // The URL with the actual port, for people: "rtmp://[::]:1935".
  std::string display() const;
  // What a wildcard address covers: "all addresses, IPv4 and IPv6". Empty for any other address.
  std::string wildcard_scope() const;
  std::uint16_t port() const;

  // Gets a connection (TCP_NODELAY set) and its ticket, to be kept as long as the connection.
  using Serve = std::function<void(asio::ip::tcp::socket, Ticket)>;
  struct Callbacks {
    // Out of file descriptors. Called once until a connection is accepted again.
    std::function<void(std::string)> on_error;
    // A connection was not admitted, and is closed. May be empty.
    std::function<void(Admission::Verdict verdict, const asio::ip::tcp::endpoint& peer)> on_refused;
  };
  // Accepts until close(). Out of file descriptors it pauses, without spinning, and continues.
  asio::awaitable<void> accept_loop(Serve serve, Callbacks callbacks);
  // On its executor's thread. Pending connections are accepted first, since closing would reset them; on an
  // inherited socket they are left to its next user.
  void close();
  // The same, but lets another process that shares the port take over without losing a connection: new ones
  // go there at once, while those whose handshake is under way are still accepted here; after hand_over_time
  // it closes. On its executor's thread.
  void hand_over();
  static constexpr std::chrono::milliseconds hand_over_time{300};
  asio::any_io_executor executor() { return acceptor_.get_executor(); }

 private:
  // sharers: the number of our listeners on its port; 0 if it is inherited.
  Listener(asio::ip::tcp::acceptor acceptor, std::string scheme, std::size_t sharers)
      : acceptor_(std::move(acceptor)), scheme_(std::move(scheme)), sharers_(sharers) {}

  static Result<std::vector<Listener>> inherit(const std::vector<asio::any_io_executor>& executors,
                                               const Url& url, int fd);

  void accept_pending(const Serve& serve, const Callbacks& callbacks);
  // spare: it uses a reserved descriptor.
  void admit(asio::ip::tcp::socket socket, bool spare, const Serve& serve, const Callbacks& callbacks);
  void apply(const ListenOptions& options);

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
