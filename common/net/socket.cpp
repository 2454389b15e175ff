#include "net/socket.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace srs::net {
namespace {

using asio::ip::tcp;

// Of a file that goes through TLS: read at a time, and sent in one call.
constexpr std::size_t file_piece_bytes = 32 * 1024;

ssize_t send_through(TlsStream& tls, std::span<const iovec> pieces) {
  const auto sent = tls.send(pieces);
  if (!sent) return errno = ECONNRESET, -1;
  if (*sent == 0 && (!pieces.empty() || tls.has_unsent())) return errno = EAGAIN, -1;
  return static_cast<ssize_t>(*sent);
}

// All that was read is taken, since nothing is unsent before.
ssize_t send_file_through(TlsStream& tls, int file, off_t& offset, std::size_t size_bytes) {
  std::uint8_t piece[file_piece_bytes];
  std::size_t total = 0;
  while (total < size_bytes && !tls.has_unsent()) {
    const ssize_t size = ::pread(file, piece, std::min(sizeof piece, size_bytes - total), offset);
    if (size <= 0) return total > 0 ? static_cast<ssize_t>(total) : size;
    const iovec bytes{piece, static_cast<std::size_t>(size)};
    const ssize_t sent = send_through(tls, {&bytes, 1});
    if (sent < 0) return sent;
    offset += sent;
    total += static_cast<std::size_t>(sent);
  }
  return static_cast<ssize_t>(total);
}

}  // namespace

ssize_t Socket::send(std::span<const iovec> pieces, int flags) {
  if (tls_) return send_through(*tls_, pieces);
  if (pieces.empty()) return 0;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return ::sendmsg(tcp_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
}

ssize_t Socket::send_file(int file, off_t& offset, std::size_t size_bytes) {
  if (!tls_) return ::sendfile(tcp_.native_handle(), file, &offset, size_bytes);
  if (tls_->has_unsent() && send_through(*tls_, {}) < 0) return -1;
  return send_file_through(*tls_, file, offset, size_bytes);
}

Result<std::size_t> Socket::receive(std::span<std::uint8_t> to) {
  if (tls_) return tls_->fill(to);
  const ssize_t size = ::recv(tcp_.native_handle(), to.data(), to.size(), MSG_DONTWAIT);
  if (size > 0) return static_cast<std::size_t>(size);
  if (size == 0) return Error{Errc::closed, "the peer closed the connection"};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::size_t{0};
  return Error{Errc::closed, std::generic_category().message(errno)};
}

void Socket::cancel() {
  asio::error_code ignored;
  tcp_.cancel(ignored);
}

void Socket::shut_sending() {
  if (tls_) tls_->end();
  asio::error_code ignored;
  tcp_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Socket::close() {
  asio::error_code ignored;
  tcp_.close(ignored);
}

}  // namespace srs::net
