#include "rtmp/connection.h"

#include <sys/socket.h>

#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cerrno>

namespace srs::rtmp {

using asio::ip::tcp;

Connection::Connection(tcp::socket socket) : state_(std::make_shared<State>(std::move(socket))) {
  asio::error_code ignored;
  state_->socket.set_option(tcp::no_delay(true), ignored);
  state_->socket.non_blocking(true, ignored);
}

void Connection::arm(Deadline deadline) {
  state_->timed_out = false;
  if (deadline == no_deadline) {
    state_->timer.cancel();
    return;
  }
  state_->timer.expires_at(deadline);
  state_->timer.async_wait([weak = std::weak_ptr(state_)](const asio::error_code& error) {
    const auto state = weak.lock();
    if (error || !state || state->timer.expiry() > std::chrono::steady_clock::now()) return;
    state->timed_out = true;
    asio::error_code ignored;
    state->socket.cancel(ignored);
  });
}

Error Connection::failure(const asio::error_code& error) const {
  if (state_->timed_out) return {Errc::timed_out, "the peer was silent for too long"};
  if (error == asio::error::eof) return {Errc::closed, "the peer closed the connection"};
  return {Errc::closed, error.message()};
}

// What the socket holds, without waiting: a stack buffer, so that an idle connection keeps none.
Result<void> Connection::receive() {
  std::uint8_t buffer[64 * 1024];
  const ssize_t size = ::recv(state_->socket.native_handle(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (size > 0) {
    reader_.feed(Bytes(buffer, static_cast<std::size_t>(size)));
    acknowledge();
    return {};
  }
  if (size == 0) return Error{Errc::closed, "the peer closed the connection"};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
  return Error{Errc::closed, asio::error_code(errno, asio::error::get_system_category()).message()};
}

void Connection::acknowledge() {
  const std::uint64_t received = reader_.received_bytes();
  if (received - acknowledged_bytes_ < window_bytes_) return;
  acknowledged_bytes_ = received;
  outbox_.acknowledgement(static_cast<std::uint32_t>(received));  // wraps at 2^32, as the peer's counter does
}

// The protocol's own messages; false if the message is for the caller.
bool Connection::answer(const Message& message) {
  ByteReader reader(message.payload.bytes());
  switch (message.type) {
    case MessageType::window_ack_size:
      // A window of nothing would ask for an answer to every byte.
      if (const std::uint32_t window = reader.u32(); window >= 1024) window_bytes_ = window;
      return true;
    case MessageType::user_control: {
      const auto event = static_cast<UserControl>(reader.u16());
      const std::uint32_t value = reader.u32();
      if (event != UserControl::ping_request || reader.failed()) return event != UserControl::stream_eof;
      outbox_.user_control(UserControl::ping_response, value);
      return true;
    }
    case MessageType::set_chunk_size:
    case MessageType::abort:
    case MessageType::acknowledgement:
    case MessageType::set_peer_bandwidth: return true;
    default: return false;
  }
}

Result<std::optional<Message>> Connection::next_message() {
  for (;;) {
    auto message = reader_.next();
    if (!message || !*message || !answer(**message)) return message;
  }
}

Result<std::optional<Message>> Connection::poll() {
  auto message = next_message();
  if (!message || *message) return message;
  if (auto received = receive(); !received) return std::move(received).error();
  return next_message();
}

asio::awaitable<Result<std::vector<std::uint8_t>>> Connection::read_bytes(Deadline deadline) {
  std::vector<std::uint8_t> bytes(4096);
  arm(deadline);
  asio::error_code error;
  const std::size_t size =
      co_await state_->socket.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  bytes.resize(size);
  co_return bytes;
}

asio::awaitable<Result<std::optional<Message>>> Connection::read_or_reply(Deadline deadline) {
  for (;;) {
    auto message = next_message();
    if (!message || *message) co_return message;
    if (!outbox_.empty()) co_return std::optional<Message>{};
    arm(deadline);
    asio::error_code error;
    co_await state_->socket.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failure(error);
    if (auto received = receive(); !received) co_return std::move(received).error();
  }
}

asio::awaitable<Result<Message>> Connection::read(Deadline deadline) {
  for (;;) {
    auto message = co_await read_or_reply(deadline);
    if (!message) co_return std::move(message).error();
    if (*message) co_return **std::move(message);
    if (auto flushed = co_await flush(deadline); !flushed) co_return std::move(flushed).error();
  }
}

asio::awaitable<Result<void>> Connection::write(std::vector<std::uint8_t> bytes, Deadline deadline) {
  arm(deadline);
  asio::error_code error;
  co_await asio::async_write(state_->socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Connection::flush(Deadline deadline) {
  if (outbox_.empty()) co_return Result<void>{};
  co_return co_await write(outbox_.take(), deadline);
}

}  // namespace srs::rtmp
