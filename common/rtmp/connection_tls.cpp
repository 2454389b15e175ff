// Connection over TLS.
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "rtmp/connection.h"

namespace srs::rtmp {
using asio::ip::tcp;
using Wait = net::TlsStream::Wait;

asio::awaitable<Result<void>> Connection::wait_for(tcp::socket::wait_type what) {
  asio::error_code error;
  co_await state_->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Connection::start_tls(std::string host, Deadline deadline) {
  auto opened = net::TlsStream::client(socket().native_handle(), host);
  if (!opened) co_return std::move(opened).error();
  state_->tls = *std::move(opened);
  arm(deadline);
  for (;;) {
    auto wait = tls()->handshake();
    if (!wait) co_return std::move(wait).error();
    if (*wait == Wait::none) co_return Result<void>{};
    auto waited =
        co_await wait_for(*wait == Wait::writable ? tcp::socket::wait_write : tcp::socket::wait_read);
    if (!waited) co_return std::move(waited).error();
    if (*wait == Wait::readable && !tls()->receive())
      co_return Error{Errc::closed, "the server hung up on TLS (is it rtmp:// instead of rtmps://?)"};
  }
}

// Reads everything that has arrived: waiting for the socket would not report what is left inside TLS.
Result<void> Connection::receive_tls() {
  auto received = tls()->receive();
  std::uint8_t buffer[16 * 1024];
  for (;;) {
    auto size = tls()->read(buffer);
    if (!size) return std::move(size).error();
    if (*size == 0) return received;
    on_bytes(Bytes(buffer, *size));
  }
}

asio::awaitable<Result<std::vector<std::uint8_t>>> Connection::read_bytes_tls() {
  std::vector<std::uint8_t> bytes(4096);
  for (;;) {
    auto size = tls()->read(bytes);
    if (!size) co_return std::move(size).error();
    if (*size > 0) {
      bytes.resize(*size);
      co_return bytes;
    }
    auto waited = co_await wait_for(tcp::socket::wait_read);
    if (waited) waited = tls()->receive();
    if (!waited) co_return std::move(waited).error();
  }
}

asio::awaitable<Result<void>> Connection::write_tls(std::vector<std::uint8_t> bytes) {
  Bytes left(bytes);
  while (!left.empty() || tls()->has_unsent()) {
    auto size = tls()->write(left);
    if (!size) co_return std::move(size).error();
    left = left.subspan(*size);
    if (!tls()->has_unsent()) continue;
    auto waited = co_await wait_for(tcp::socket::wait_write);
    if (!waited) co_return std::move(waited).error();
  }
  co_return Result<void>{};
}

}  // namespace srs::rtmp
