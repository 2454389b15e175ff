#include "srs-bench/loop/socket.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace srs::bench {

using Wait = net::TlsStream::Wait;

TlsTarget tls_target(const net::Url& url, const std::shared_ptr<const net::TlsContext>& trust) {
  return net::is_tls(url.scheme) ? TlsTarget{url.host, trust} : TlsTarget{};
}

Result<void> Socket::connect(const Address& address, const Address* local) {
  const auto failed = [] {
    // The one cause that is not the server's, and that the user can fix.
    return Error{
        Errc::io,
        errno == EADDRNOTAVAIL
            ? "no local port is left: connect from more addresses, as with --bind 127.0.0.2,127.0.0.3"
            : std::strerror(errno)};
  };
  fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return failed();
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (local != nullptr) {
    // Lets connect() choose the port, which may be shared with a connection to another server.
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&local->storage), local->size) != 0) return failed();
  }
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd_, to, address.size) != 0 && errno != EINPROGRESS) return failed();
  return {};
}

void Socket::close() {
  tls_.reset();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

int Socket::pending_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

Result<Wait> Socket::shake_hands(const TlsTarget& target) {
  if (!target.context) return Wait::none;
  if (!tls_) {
    auto opened = net::TlsStream::client(fd_, target.host, target.context);
    if (!opened) return std::move(opened).error();
    tls_ = *std::move(opened);
  }
  return tls_->handshake();
}

ssize_t Socket::send(Bytes bytes) {
  if (!tls_) return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  const iovec piece{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  const auto sent = tls_->send({&piece, 1});
  if (!sent) return errno = ECONNRESET, -1;
  return static_cast<ssize_t>(*sent);
}

ssize_t Socket::receive(std::span<std::uint8_t> to) {
  if (!tls_) return ::recv(fd_, to.data(), to.size(), MSG_DONTWAIT);
  const auto size = tls_->fill(to);
  if (!size) return 0;
  if (*size == 0) return errno = EAGAIN, -1;
  return static_cast<ssize_t>(*size);
}

}  // namespace srs::bench
