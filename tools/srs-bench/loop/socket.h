// Socket: the descriptor of a connection to a server, with TLS over it or without.
//
// Nothing here waits. Owned by its connection.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>

#include "net/tls.h"
#include "srs-bench/loop/address.h"

namespace srs::bench {

// Who must answer, and whom we trust.
struct TlsTarget {
  std::string host;
  std::shared_ptr<const net::TlsContext> context;  // null: without TLS
};

// For rtmps:// and https://; for others it is without TLS.
TlsTarget tls_target(const net::Url& url, const std::shared_ptr<const net::TlsContext>& trust);

class Socket {
 public:
  Socket() = default;
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Begins to connect. local: where from; null: the system chooses. The error is in a few words.
  Result<void> connect(const Address& address, const Address* local);
  void close();
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool has_tls() const { return tls_ != nullptr; }
  int pending_error() const;

  // Once it is connected: a step of the handshake, and what to wait for before the next; none once it is
  // done, and without TLS.
  Result<net::TlsStream::Wait> shake_hands(const TlsTarget& target);

  // As send(2) and recv(2). What TLS has taken counts as sent; without bytes, send() only moves that on.
  ssize_t send(Bytes bytes);
  ssize_t receive(std::span<std::uint8_t> to);
  bool holds_unsent() const { return tls_ && tls_->has_unsent(); }
  // Whether there may be something to receive though the socket is not readable.
  bool has_input() const { return tls_ && tls_->has_input(); }

 private:
  int fd_ = -1;
  std::unique_ptr<net::TlsStream> tls_;
};

}  // namespace srs::bench
