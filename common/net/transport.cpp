#include "net/transport.h"

#include <netinet/tcp.h>

#include <utility>

#include "net/listener.h"

namespace srs::net {
namespace {

using asio::ip::tcp;
using NotSentLowWater = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

}  // namespace

TcpTransport::TcpTransport(Socket&& socket)
    : owned_(std::make_unique<Socket>(std::move(socket))), socket_(*owned_) {}

void TcpTransport::wait(Ready what, OnReady done) {
  socket_.tcp().async_wait(
      what == Ready::readable ? tcp::socket::wait_read : tcp::socket::wait_write,
      [done = std::move(done)](const asio::error_code& error) { done.call(done.owner.get(), error); });
}

void TcpTransport::limit_unsent(int bytes) {
  asio::error_code ignored;
  socket_.tcp().set_option(NotSentLowWater(bytes), ignored);
}

std::string TcpTransport::remote_address() const {
  return net::remote_address(socket_.tcp());
}

}  // namespace srs::net
