// Transport: what carries a player's bytes: TCP, TLS over it, or whatever else. It never waits by itself:
// what can be done now is done, and who wants more waits for the transport to be readable or writable.
//
// Belongs to the thread of its executor. For thousands of players: a send is one virtual call, whatever it
// carries, and neither a send nor a wait allocates beside what asio does.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <asio/any_io_executor.hpp>
#include <asio/error_code.hpp>
#include <memory>
#include <span>
#include <string>

#include "net/socket.h"

namespace srs::net {

class Transport {
 public:
  enum class Ready : std::uint8_t { readable, writable };
  // What to call once, and whom it keeps alive until then. Called with an error if the wait was cancelled or
  // the transport is broken.
  struct OnReady {
    std::shared_ptr<void> owner;
    void (*call)(void* owner, const asio::error_code& error);
  };

  virtual ~Transport() = default;

  // As sendmsg(2) without waiting: how many bytes were taken, from the front, or -1 and errno (EAGAIN: there
  // is no room). Without any pieces it only moves on what it holds unsent.
  virtual ssize_t send(std::span<const iovec> pieces) = 0;
  // Whether bytes that send() took wait here for room. They go out with the next send().
  virtual bool holds_unsent() const { return false; }
  // Calls back later than this returns, once; at most one wait for each of the two at a time.
  virtual void wait(Ready what, OnReady done) = 0;
  // Ends the waits.
  virtual void cancel() = 0;
  // Nothing more will be sent; the peer sees an orderly end.
  virtual void shut_sending() = 0;
  // Ends the waits, too.
  virtual void close() = 0;
  // How many bytes the kernel may hold unsent before send() says that there is no room. What it holds nobody
  // can skip any more.
  virtual void limit_unsent(int bytes) = 0;

  virtual asio::any_io_executor executor() = 0;
  // "10.0.0.7:50123"; "unknown" if it is not connected.
  virtual std::string remote_address() const = 0;
};

// Over a socket, with TLS or without. What TLS has taken counts as sent. Waits are those of the socket: what
// it has received, TLS may hold already.
class TcpTransport : public Transport {
 public:
  // Owns the socket, or borrows one that outlives it. It must be connected.
  explicit TcpTransport(Socket&& socket);
  explicit TcpTransport(Socket& socket) : socket_(socket) {}
  TcpTransport(const TcpTransport&) = delete;
  TcpTransport& operator=(const TcpTransport&) = delete;

  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }

  ssize_t send(std::span<const iovec> pieces) override { return socket_.send(pieces); }
  bool holds_unsent() const override { return socket_.holds_unsent(); }
  void wait(Ready what, OnReady done) override;
  void cancel() override { socket_.cancel(); }
  void shut_sending() override { socket_.shut_sending(); }
  void close() override { socket_.close(); }
  void limit_unsent(int bytes) override;
  asio::any_io_executor executor() override { return socket_.tcp().get_executor(); }
  std::string remote_address() const override;

 private:
  std::unique_ptr<Socket> owned_;  // null: borrowed
  Socket& socket_;
};

}  // namespace srs::net
