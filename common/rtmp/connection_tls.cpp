// Connection over TLS.
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "rtmp/connection.h"

namespace srs::rtmp {
using asio::ip::tcp;
using Wait = net::TlsStream::Wait;

asio::awaitable<Result<void>> Connection::wait_for(tcp::socket::wait_type what) {
  asio::error_code error;
  co_await state_->socket.tcp().async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Connection::start_tls(std::string host,
                                                    std::shared_ptr<const net::TlsContext> context,
                                                    Deadline deadline) {
  if (!context) {
    auto trusting = net::TlsContext::client({});
    if (!trusting) co_return std::move(trusting).error();
    context = *std::move(trusting);
  }
  auto opened = net::TlsStream::client(socket().tcp().native_handle(), host, std::move(context));
  if (!opened) co_return std::move(opened).error();
  socket().set_tls(*std::move(opened));
  arm(deadline);
  for (;;) {
    auto wait = socket().tls()->handshake();
    if (!wait && wait.error().code == Errc::closed)
      co_return Error{Errc::closed, "the server hung up on TLS (is it rtmp:// instead of rtmps://?)"};
    if (!wait) co_return std::move(wait).error();
    if (*wait == Wait::none) co_return Result<void>{};
    auto waited =
        co_await wait_for(*wait == Wait::writable ? tcp::socket::wait_write : tcp::socket::wait_read);
    if (!waited) co_return std::move(waited).error();
  }
}

asio::awaitable<Result<std::vector<std::uint8_t>>> Connection::read_bytes_tls() {
  std::vector<std::uint8_t> bytes(4096);
  for (;;) {
    auto size = socket().receive(bytes);
    if (!size) co_return std::move(size).error();
    if (*size > 0) {
      bytes.resize(*size);
      co_return bytes;
    }
    auto waited = co_await wait_for(tcp::socket::wait_read);
    if (!waited) co_return std::move(waited).error();
  }
}

asio::awaitable<Result<void>> Connection::write_tls(std::vector<std::uint8_t> bytes) {
  Bytes left(bytes);
  while (!left.empty() || socket().holds_unsent()) {
    const iovec piece{const_cast<std::uint8_t*>(left.data()), left.size()};
    auto size = socket().tls()->send({&piece, 1});
    if (!size) co_return std::move(size).error();
    left = left.subspan(*size);
    if (!socket().holds_unsent()) continue;
    auto waited = co_await wait_for(tcp::socket::wait_write);
    if (!waited) co_return std::move(waited).error();
  }
  co_return Result<void>{};
}

}  // namespace srs::rtmp
