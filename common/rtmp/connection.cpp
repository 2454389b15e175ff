#include "rtmp/connection.h"

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "net/move_socket.h"

namespace srs::rtmp {
using asio::ip::tcp;
namespace {

bool has_passed(Deadline deadline) {
  return deadline != no_deadline && std::chrono::steady_clock::now() >= deadline;
}

Error silence_error() {
  return {Errc::timed_out, "the peer was silent for too long"};
}

}  // namespace

Connection::Connection(net::Socket socket, std::shared_ptr<MessageBudget> budget)
    : state_(std::make_shared<State>(std::move(socket))), reader_(std::move(budget)) {
  asio::error_code ignored;
  state_->socket.tcp().set_option(tcp::no_delay(true), ignored);
  state_->socket.tcp().non_blocking(true, ignored);
}

void Connection::move_to(const asio::any_io_executor& executor) {
  net::Socket moved = net::move_socket(state_->socket, executor);
  state_->timer.cancel();
  state_ = std::make_shared<State>(std::move(moved));
}

// The timer is rarely touched: it is set to the first deadline and, when it fires, to the current one.
// Otherwise a message per frame would mean two timer operations per frame.
void Connection::arm(Deadline deadline) {
  state_->timed_out = false;
  state_->deadline = deadline;
  if (deadline != no_deadline && deadline < state_->timer_set_to) state_->set_timer();
}

void Connection::State::set_timer() {
  timer_set_to = deadline;
  timer.expires_at(deadline);
  timer.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    if (const auto state = weak.lock(); state && !error) state->on_timer();
  });
}

void Connection::State::on_timer() {
  timer_set_to = no_deadline;
  if (deadline == no_deadline) return;
  if (deadline > std::chrono::steady_clock::now()) return set_timer();
  timed_out = true;
  socket.cancel();
}

void Connection::forget_deadline() {
  state_->deadline = no_deadline;
  state_->timer_set_to = no_deadline;
  state_->timer.cancel();
  first_bytes_.reset();
}

Error Connection::failure(const asio::error_code& error) const {
  if (state_->timed_out) return silence_error();
  if (error == asio::error::eof) return {Errc::closed, "the peer closed the connection"};
  return {Errc::closed, error.message()};
}

void Connection::shut_sending() {
  socket().shut_sending();
}

// Reads without waiting, into a stack buffer, so that an idle connection keeps none.
Result<void> Connection::receive() {
  std::uint8_t buffer[64 * 1024];
  auto size = socket().receive(buffer);
  if (!size) return std::move(size).error();
  if (*size > 0) on_bytes(Bytes(buffer, *size));
  return {};
}

// Whole messages wait in ready_, so that the buffer is kept only if the turn ends before it does. A protocol
// error is reported once the messages before it have been read.
void Connection::on_bytes(Bytes input) {
  received_bytes_.add(input.size());
  if (unparsed_.empty()) parse(input);
  if (broken_) return;
  unparsed_.insert(unparsed_.end(), input.begin(), input.end());
  if (received_bytes_.is_due(window_bytes_)) outbox_.acknowledgement(received_bytes_.acknowledge());
}

// Consumes what this turn may parse.
void Connection::parse(Bytes& input) {
  while (!broken_ && may_parse()) {
    auto message = reader_.next(input);
    if (!message)
      broken_ = std::move(message).error();
    else if (!*message)
      return;
    else if (--turn_left_; !on_control(**message))
      ready_.push_back(**std::move(message));
  }
}

// Handles control messages; false if the message is for the caller.
bool Connection::on_control(const Message& message) {
  ByteReader reader(message.payload.bytes());
  switch (message.type) {
    case MessageType::window_ack_size:
      // A window of 0 would require an acknowledgement per byte.
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
    case MessageType::set_peer_bandwidth:
      return true;
    default:
      return false;
  }
}

Result<std::optional<Message>> Connection::next() {
  for (;;) {
    if (next_ready_ < ready_.size()) return std::optional(std::move(ready_[next_ready_++]));
    ready_ = {};  // an idle connection keeps no buffer
    next_ready_ = 0;
    if (broken_) return *broken_;
    if (unparsed_.empty() || !may_parse()) return std::optional<Message>{};
    Bytes left = Bytes(unparsed_).subspan(consumed_);
    parse(left);
    consumed_ = unparsed_.size() - left.size();
    if (left.empty()) unparsed_ = {}, consumed_ = 0;
  }
}

void Connection::begin_turn() {
  turn_left_ = messages_per_turn;
  received_ = false;
}

asio::awaitable<void> Connection::yield_turn() {
  co_await asio::post(state_->socket.tcp().get_executor(), asio::use_awaitable);
  begin_turn();
}

Result<std::optional<Message>> Connection::poll() {
  auto message = next();
  if (!message || *message || received_ || !unparsed_.empty()) return message;
  received_ = true;
  if (auto received = receive(); !received) return std::move(received).error();
  return next();
}

asio::awaitable<Result<std::vector<std::uint8_t>>> Connection::read_bytes(Deadline deadline) {
  std::vector<std::uint8_t> bytes(4096);
  if (has_passed(deadline)) co_return silence_error();
  arm(deadline);
  if (socket().has_tls()) co_return co_await read_bytes_tls();
  asio::error_code error;
  const std::size_t size = co_await state_->socket.tcp().async_read_some(
      asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  bytes.resize(size);
  co_return bytes;
}

// A peer that never stops sending leaves no pending operation for the timer to cancel: the deadline is
// checked here.
asio::awaitable<Result<void>> Connection::wait_for_input(Deadline deadline) {
  if (has_passed(deadline)) co_return silence_error();
  if (has_more()) {
    co_await yield_turn();
    co_return unparsed_.empty() ? receive() : Result<void>();
  }
  if (pacer_ != nullptr && pacer_->holds()) co_await pacer_->wait();
  arm(deadline);
  if (socket().has_tls()) {
    if (auto ready = co_await wait_for(tcp::socket::wait_read); !ready) co_return ready;
    begin_turn();
    co_return receive();
  }
  // A read, not a wait for it: that would be a call of the kernel more for each message.
  if (!first_bytes_) first_bytes_ = std::make_unique<FirstBytes>();
  asio::error_code error;
  const std::size_t size = co_await state_->socket.tcp().async_read_some(
      asio::buffer(*first_bytes_), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  begin_turn();
  on_bytes(Bytes(*first_bytes_).first(size));
  co_return size == first_bytes_->size() && unparsed_.empty() ? receive() : Result<void>();
}

asio::awaitable<Result<Message>> Connection::read(Deadline deadline) {
  for (;;) {
    auto message = next();
    if (!message) co_return std::move(message).error();
    if (*message) co_return **std::move(message);
    auto done = co_await flush(deadline);
    if (done) done = co_await wait_for_input(deadline);
    if (!done) co_return std::move(done).error();
  }
}

asio::awaitable<Result<void>> Connection::write(std::vector<std::uint8_t> bytes, Deadline deadline) {
  arm(deadline);
  if (socket().has_tls()) co_return co_await write_tls(std::move(bytes));
  asio::error_code error;
  co_await asio::async_write(state_->socket.tcp(), asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Connection::flush(Deadline deadline) {
  if (outbox_.empty()) co_return Result<void>{};
  co_return co_await write(outbox_.take(), deadline);
}

}  // namespace srs::rtmp
