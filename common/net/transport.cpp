#include "net/transport.h"

#include <netinet/tcp.h>

#include <cerrno>
#include <utility>

#include "net/listener.h"

namespace srs::net {
namespace {

using asio::ip::tcp;
using NotSentLowWater = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

}  // namespace

TcpTransport::TcpTransport(tcp::socket&& socket)
    : owned_(std::make_unique<tcp::socket>(std::move(socket))), socket_(*owned_) {}

ssize_t TcpTransport::send(std::span<const iovec> pieces) {
  if (pieces.empty()) return 0;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void TcpTransport::wait(Ready what, OnReady done) {
  socket_.async_wait(
      what == Ready::readable ? tcp::socket::wait_read : tcp::socket::wait_write,
      [done = std::move(done)](const asio::error_code& error) { done.call(done.owner.get(), error); });
}

void TcpTransport::cancel() {
  asio::error_code ignored;
  socket_.cancel(ignored);
}

void TcpTransport::shut_sending() {
  asio::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void TcpTransport::close() {
  asio::error_code ignored;
  socket_.close(ignored);
}

void TcpTransport::limit_unsent(int bytes) {
  asio::error_code ignored;
  socket_.set_option(NotSentLowWater(bytes), ignored);
}

std::string TcpTransport::remote_address() const {
  return net::remote_address(socket_);
}

ssize_t TlsTransport::send(std::span<const iovec> pieces) {
  std::size_t total = 0;
  const auto stopped = [&total](int error) -> ssize_t {
    if (total > 0) return static_cast<ssize_t>(total);
    errno = error;
    return -1;
  };
  if (!tls_.flush()) return stopped(ECONNRESET);
  for (const iovec& piece : pieces) {
    Bytes left(static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len);
    while (!left.empty()) {
      const auto taken = tls_.write(left);
      if (!taken) return stopped(ECONNRESET);
      if (*taken == 0) return stopped(EAGAIN);
      total += *taken;
      left = left.subspan(*taken);
    }
  }
  return total == 0 && tls_.has_unsent() ? stopped(EAGAIN) : static_cast<ssize_t>(total);
}

void TlsTransport::shut_sending() {
  tls_.end();
  TcpTransport::shut_sending();
}

}  // namespace srs::net
