// TlsHandshakes: the accepted connections of one listener that still shake hands for TLS. Once they have,
// they are served; before, a peer can use 64 KiB and 10 seconds.
//
// Belongs to the listener's thread, and must outlive the run of its io_context.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "cli/log.h"
#include "net/admission.h"
#include "net/socket.h"
#include "net/tls_certificates.h"

namespace srs::net {

class TlsHandshakes {
 public:
  using Serve = std::function<void(Socket, Ticket)>;
  static constexpr std::chrono::seconds time{10};

  struct Options {
    std::string scheme;          // of the listener's URL: what is spoken over TLS
    bool for_operators = false;  // see TlsCertificates
  };
  // The certificates and the log must outlive it.
  TlsHandshakes(const TlsCertificates& certificates, Options options, Serve serve, const cli::Log& log)
      : certificates_(certificates), options_(std::move(options)), serve_(std::move(serve)), log_(log) {}
  TlsHandshakes(const TlsHandshakes&) = delete;
  TlsHandshakes& operator=(const TlsHandshakes&) = delete;

  void begin(asio::ip::tcp::socket socket, Ticket ticket);
  std::size_t size() const { return open_.size(); }
  // Ends all of them.
  void close();

 private:
  struct Handshake;

  asio::awaitable<void> run(std::shared_ptr<Handshake> handshake);
  asio::awaitable<Result<void>> shake_hands(std::shared_ptr<Handshake> handshake);
  void refuse(Handshake& handshake, const Error& why);

  const TlsCertificates& certificates_;
  const Options options_;
  const Serve serve_;
  const cli::Log& log_;
  std::set<Handshake*> open_;
};

}  // namespace srs::net
