#include "rtmp/connection.h"

#include <sys/socket.h>

#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cerrno>

namespace srs::rtmp {
using asio::ip::tcp;
namespace {

bool is_over(Deadline deadline) {
  return deadline != no_deadline && std::chrono::steady_clock::now() >= deadline;
}

Error late() {
  return {Errc::timed_out, "the peer was silent for too long"};
}

}  // namespace

Connection::Connection(tcp::socket socket, std::shared_ptr<MessageBudget> budget)
    : state_(std::make_shared<State>(std::move(socket))), reader_(std::move(budget)) {
  asio::error_code ignored;
  state_->socket.set_option(tcp::no_delay(true), ignored);
  state_->socket.non_blocking(true, ignored);
}

void Connection::move_to(const asio::any_io_executor& executor) {
  asio::error_code ignored;
  const auto protocol = state_->socket.local_endpoint(ignored).protocol();
  tcp::socket moved(executor, protocol, state_->socket.release());
  moved.non_blocking(true, ignored);
  state_->timer.cancel();
  auto tls = std::move(state_->tls);
  state_ = std::make_shared<State>(std::move(moved));
  state_->tls = std::move(tls);
}

// The timer is rarely touched: it is set to the first deadline and, when it fires, to the one that
// holds by then. A message a frame would otherwise mean two timer operations a frame.
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
  asio::error_code ignored;
  socket.cancel(ignored);
}

void Connection::forget_deadline() {
  state_->deadline = no_deadline;
  state_->timer_set_to = no_deadline;
  state_->timer.cancel();
}

Error Connection::failure(const asio::error_code& error) const {
  if (state_->timed_out) return late();
  if (error == asio::error::eof) return {Errc::closed, "the peer closed the connection"};
  return {Errc::closed, error.message()};
}

void Connection::shut_sending() {
  if (tls()) tls()->end();
  asio::error_code ignored;
  socket().shutdown(tcp::socket::shutdown_send, ignored);
}

// What the socket holds, without waiting: a stack buffer, so that an idle connection keeps none.
Result<void> Connection::receive() {
  if (tls()) return receive_tls();
  std::uint8_t buffer[64 * 1024];
  const ssize_t size = ::recv(state_->socket.native_handle(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (size > 0) {
    take_in(Bytes(buffer, static_cast<std::size_t>(size)));
    return {};
  }
  if (size == 0) return Error{Errc::closed, "the peer closed the connection"};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
  return Error{Errc::closed, asio::error_code(errno, asio::error::get_system_category()).message()};
}

// Whole messages wait in ready_, so that nothing of the buffer has to be kept, unless the turn is over before
// its end. What breaks the protocol is said once those before it have been read.
void Connection::take_in(Bytes input) {
  received_bytes_.add(input.size());
  if (rest_.empty()) parse(input);
  if (broken_) return;
  rest_.insert(rest_.end(), input.begin(), input.end());
  if (received_bytes_.is_due(window_bytes_)) outbox_.acknowledgement(received_bytes_.acknowledge());
}

// Takes off the front what may be parsed now.
void Connection::parse(Bytes& input) {
  while (!broken_ && may_parse()) {
    auto message = reader_.next(input);
    if (!message)
      broken_ = std::move(message).error();
    else if (!*message)
      return;
    else if (--turn_left_; !answer(**message))
      ready_.push_back(**std::move(message));
  }
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
    case MessageType::set_peer_bandwidth:
      return true;
    default:
      return false;
  }
}

Result<std::optional<Message>> Connection::next() {
  for (;;) {
    if (ready_taken_ < ready_.size()) return std::optional(std::move(ready_[ready_taken_++]));
    ready_ = {};  // an idle connection keeps no room
    ready_taken_ = 0;
    if (broken_) return *broken_;
    if (rest_.empty() || !may_parse()) return std::optional<Message>{};
    Bytes left = Bytes(rest_).subspan(rest_taken_);
    parse(left);
    rest_taken_ = rest_.size() - left.size();
    if (left.empty()) rest_ = {}, rest_taken_ = 0;
  }
}

void Connection::begin_turn() {
  turn_left_ = messages_a_turn;
  received_ = false;
}

asio::awaitable<void> Connection::pass_on() {
  co_await asio::post(state_->socket.get_executor(), asio::use_awaitable);
  begin_turn();
}

Result<std::optional<Message>> Connection::poll() {
  auto message = next();
  if (!message || *message || received_ || !rest_.empty()) return message;
  received_ = true;
  if (auto received = receive(); !received) return std::move(received).error();
  return next();
}

asio::awaitable<Result<std::vector<std::uint8_t>>> Connection::read_bytes(Deadline deadline) {
  std::vector<std::uint8_t> bytes(4096);
  if (is_over(deadline)) co_return late();
  arm(deadline);
  if (tls()) co_return co_await read_bytes_tls();
  asio::error_code error;
  const std::size_t size = co_await state_->socket.async_read_some(
      asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  bytes.resize(size);
  co_return bytes;
}

// A peer that never stops talking keeps no operation waiting that the timer could end: the deadline is looked
// at here.
asio::awaitable<Result<void>> Connection::wait_for_input(Deadline deadline) {
  if (is_over(deadline)) co_return late();
  if (has_more()) {
    co_await pass_on();
    co_return rest_.empty() ? receive() : Result<void>();
  }
  arm(deadline);
  asio::error_code error;
  co_await state_->socket.async_wait(tcp::socket::wait_read,
                                     asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  begin_turn();
  co_return receive();
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
  if (tls()) co_return co_await write_tls(std::move(bytes));
  asio::error_code error;
  co_await asio::async_write(state_->socket, asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(error);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Connection::flush(Deadline deadline) {
  if (outbox_.empty()) co_return Result<void>{};
  co_return co_await write(outbox_.take(), deadline);
}

}  // namespace srs::rtmp
