// Socket: a connected TCP socket, with TLS over it or without. Who sends and receives by it need not know.
//
// Nothing here waits: wait for tcp() to be readable or writable. A value; belongs to the thread of the
// socket's executor.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>

#include "core/result.h"
#include "net/tls.h"

namespace srs::net {

class Socket {
 public:
  Socket(asio::ip::tcp::socket connected) : tcp_(std::move(connected)) {}  // without TLS
  // The stream is over this very socket; its handshake is done.
  Socket(asio::ip::tcp::socket connected, std::unique_ptr<TlsStream> tls)
      : tcp_(std::move(connected)), tls_(std::move(tls)) {}

  asio::ip::tcp::socket& tcp() { return tcp_; }
  const asio::ip::tcp::socket& tcp() const { return tcp_; }
  bool has_tls() const { return tls_ != nullptr; }
  // Null without TLS.
  TlsStream* tls() { return tls_.get(); }
  void set_tls(std::unique_ptr<TlsStream> tls) { tls_ = std::move(tls); }
  std::unique_ptr<TlsStream> take_tls() { return std::move(tls_); }

  // As sendmsg(2) without waiting: how many bytes were taken, from the front, or -1 and errno (EAGAIN: there
  // is no room). Without any pieces it only moves on what it holds unsent. flags: MSG_MORE or 0.
  ssize_t send(std::span<const iovec> pieces, int flags = 0);
  // As sendfile(2) without waiting, and likewise 0 at the end of the file.
  ssize_t send_file(int file, off_t& offset, std::size_t size_bytes);
  // Whether bytes that were taken wait here for room. They go out with the next send().
  bool holds_unsent() const { return tls_ && tls_->has_unsent(); }

  // What is there; 0: nothing. Errors: closed.
  Result<std::size_t> receive(std::span<std::uint8_t> to);
  // Whether there may be something to receive though the socket is not readable.
  bool has_input() const { return tls_ && tls_->has_input(); }

  // Ends the waits.
  void cancel();
  // Nothing more will be sent; the peer sees an orderly end.
  void shut_sending();
  // Ends the waits, too.
  void close();

 private:
  asio::ip::tcp::socket tcp_;
  std::unique_ptr<TlsStream> tls_;
};

}  // namespace srs::net
