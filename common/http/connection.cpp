#include "http/connection.h"

#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "net/listener.h"

namespace srs::http {
namespace {

using asio::ip::tcp;

// What a client may send ahead while its request waits for an answer; a client that sends more is cut off.
constexpr std::size_t max_ahead_bytes = 64 * 1024;
// With this much sent ahead, no more is read for now.
constexpr std::size_t enough_ahead_bytes = 16 * 1024;
// Of one sendfile(): large enough that the calls do not count, small enough that others get their turn.
constexpr std::size_t file_piece_bytes = 512 * 1024;
// Input that is read after the last answer, so that the client can read that: closing a socket with unread
// input resets the connection and discards what was sent.
constexpr std::size_t max_linger_bytes = 256 * 1024;
constexpr std::chrono::milliseconds linger_time{1'000};
constexpr auto no_deadline = std::chrono::steady_clock::time_point::max();

// A copy without the header fields, to report on after the handler has got the request.
Request without_headers(const Request& request) {
  Request copy;
  copy.method = request.method;
  copy.path = request.path;
  copy.query = request.query;
  copy.version_minor = request.version_minor;
  copy.keep_alive = request.keep_alive;
  copy.remote_address = request.remote_address;
  return copy;
}

bool would_block(const asio::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> server, tcp::socket socket, net::Ticket ticket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      ticket_(std::move(ticket)),
      deadline_(socket_.get_executor()),
      remote_address_(net::remote_address(socket_)),
      number_(++server_->last_number),
      parser_(server_->options.limits) {
  server_->connections.insert(this);
  asio::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.native_non_blocking(true, ignored);
}

Connection::~Connection() {
  server_->connections.erase(this);
}

void Connection::start(std::shared_ptr<Connection> connection) {
  auto& socket = connection->socket_;
  auto finished = [connection](std::exception_ptr failure, std::optional<Takeover> takeover) {
    try {
      if (failure) std::rethrow_exception(failure);
      connection->finish(std::move(takeover));
    } catch (const std::exception& error) {
      connection->server_->report(fmt::format("{}: {}", connection->remote_address_, error.what()));
    }
  };
  auto coroutine = connection->run();
  const auto slot = connection->stop_handler_.slot();
  connection.reset();
  asio::co_spawn(socket.get_executor(), std::move(coroutine),
                 asio::bind_cancellation_slot(slot, std::move(finished)));
}

// The coroutine has ended; what is left is freed with this object, right after.
void Connection::finish(std::optional<Takeover> takeover) {
  deadline_.cancel();
  server_->connections.erase(this);
  asio::error_code ignored;
  if (!takeover || !socket_.is_open()) return ticket_.close(socket_);
  socket_.cancel(ignored);
  takeover->accept(std::move(socket_), std::move(ticket_), std::move(takeover->head));
}

void Connection::end() {
  asio::error_code ignored;
  socket_.close(ignored);
}

// The timer interrupts a pending wait; receive() and writable() check timed_out_ in case there was none.
void Connection::set_deadline(std::chrono::milliseconds time) {
  timed_out_ = false;
  due_ = std::chrono::steady_clock::now() + time;
  if (!deadline_runs_ || due_ < deadline_.expiry()) start_deadline();
}

void Connection::start_deadline() {
  deadline_.expires_at(due_);
  deadline_runs_ = true;
  deadline_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->deadline_runs_ = false;
    if (self->due_ == no_deadline) return;
    if (self->due_ > std::chrono::steady_clock::now()) return self->start_deadline();
    self->timed_out_ = true;
    asio::error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void Connection::start_reading() {
  if (reading_ != nullptr || gone_) return;
  auto reading = std::make_unique<Reading>();
  reading_ = reading.get();
  socket_.async_read_some(asio::buffer(received_),
                          [self = shared_from_this(), reading = std::move(reading)](
                              const asio::error_code& error, std::size_t size) mutable {
                            self->on_read(error, size, std::move(reading));
                          });
}

void Connection::on_read(const asio::error_code& error, std::size_t size, std::unique_ptr<Reading> reading) {
  reading_ = nullptr;
  // A deadline interrupts the read, too.
  if (error) gone_ = error != asio::error::operation_aborted || !socket_.is_open();
  input_.append(received_.data(), size);
  if (size == received_.size()) fill();
  if (reading->awaken) return (*std::exchange(reading->awaken, std::nullopt))();
  if (!in_handler_) return;
  if (input_.size() > max_ahead_bytes) gone_ = true;
  if (gone_) return stop_handler_.emit(asio::cancellation_type::terminal);
  start_reading();
}

asio::awaitable<void> Connection::until_read() {
  const asio::use_awaitable_t<> token;
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this](Awaken awaken) { reading_->awaken.emplace(std::move(awaken)); }, token);
}

// Appends what the client sends to input_. False: it is gone, or late.
asio::awaitable<bool> Connection::receive() {
  if (timed_out_ || !socket_.is_open()) co_return false;
  start_reading();
  if (reading_ != nullptr) co_await until_read();
  co_return !gone_ && !timed_out_ && socket_.is_open();
}

asio::awaitable<bool> Connection::writable() {
  asio::error_code error;
  set_deadline(server_->options.stalled_time);
  if (!socket_.is_open()) co_return false;
  co_await socket_.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
  co_return !error && !timed_out_;
}

// Appends what else the socket holds to input_.
void Connection::fill() {
  std::array<char, 16 * 1024> bytes;
  asio::error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(bytes), error);
  if (!error) input_.append(bytes.data(), size);
}

asio::awaitable<std::optional<Takeover>> Connection::run() {
  for (;;) {
    const bool whole = co_await read_request();
    if (!whole) co_return std::nullopt;
    Request asked = parser_.release();
    asked.remote_address = remote_address_;
    const Request request = without_headers(asked);
    std::optional<Answer> answer = co_await call_handler(std::move(asked));
    if (!answer) {
      report_answer(request, 0);
      co_return std::nullopt;
    }
    if (auto* takeover = std::get_if<Takeover>(&*answer)) {
      report_answer(request, 200);
      if (!request.is_head()) co_return std::move(*takeover);
      co_await send(takeover->head, 0);
      co_await linger();
      co_return std::nullopt;
    }
    Response& response = std::get<Response>(*answer);
    const bool keep_alive =
        request.keep_alive && !response.close && !server_->draining && !ticket_.is_spare();
    const int status = response.status;
    const bool sent = co_await send_response(&request, std::move(response), keep_alive);
    report_answer(request, status);
    if (!sent) co_return std::nullopt;
    if (!keep_alive) break;
    // A client that sends ahead has had its turn; others are next.
    const auto executor = socket_.get_executor();
    if (!input_.empty()) co_await asio::post(executor, asio::use_awaitable);
  }
  co_await linger();
  co_return std::nullopt;
}

// False: there will be no further request. An invalid or late one has been answered.
asio::awaitable<bool> Connection::read_request() {
  const auto& options = server_->options;
  idle_ = input_.empty();
  set_deadline(idle_ && !ticket_.is_spare() ? options.idle_time : options.request_time);
  for (;;) {
    if (!input_.empty()) {
      if (idle_) set_deadline(options.request_time);
      idle_ = false;
      auto taken = parser_.feed(input_);
      if (!taken) {
        co_await refuse(parser_.error_status(), taken.error().message);
        co_return false;
      }
      input_.erase(0, *taken);
      if (input_.empty()) input_.shrink_to_fit();
      if (parser_.whole()) co_return true;
      if (parser_.consume_expectation() && input_.empty()) {
        const bool sent = co_await send("HTTP/1.1 100 Continue\r\n\r\n", 0);
        if (!sent) co_return false;
        set_deadline(options.request_time);
      }
    }
    const bool received = co_await receive();
    if (received) continue;
    if (timed_out_ && !idle_) co_await refuse(408, "the request did not arrive in time");
    co_return false;
  }
}

asio::awaitable<void> Connection::refuse(int status, std::string line) {
  Response response = error_response(status, line);
  const bool sent = co_await send_response(nullptr, std::move(response), false);
  if (sent) co_await linger();
}

Response Connection::method_not_allowed(const std::string& method) const {
  const auto& options = server_->options;
  std::string served = "GET, HEAD";
  for (const std::string& more : options.more_methods) served += ", " + more;
  if (options.cross_origin) served += ", OPTIONS";
  Response response = error_response(405, options.more_methods.empty()
                                              ? method + ": only GET and HEAD are served here"
                                              : fmt::format("{}: only {} are served here", method, served));
  response.headers.set("Allow", served);
  return response;
}

// Nothing: the client went away while the handler waited.
asio::awaitable<std::optional<Answer>> Connection::call_handler(Request request) {
  if (request.method == "OPTIONS" && server_->options.cross_origin) co_return Answer(preflight());
  const auto& more = server_->options.more_methods;
  const bool is_served = request.method == "GET" || request.method == "HEAD" ||
                         std::find(more.begin(), more.end(), request.method) != more.end();
  if (!is_served) co_return Answer(method_not_allowed(request.method));
  due_ = no_deadline;
  timed_out_ = false;
  in_handler_ = true;
  // A client that has already closed its sending side still gets an immediate answer.
  const bool was_gone = gone_;
  if (was_gone) cancel_soon();
  // A client that has sent so much ahead is not read further: the rest waits in the kernel.
  if (input_.size() < enough_ahead_bytes) start_reading();
  std::optional<Answer> answer;
  try {
    answer = co_await server_->handler(std::move(request));
  } catch (const asio::system_error& error) {
    if (error.code() == asio::error::operation_aborted) co_return std::nullopt;
    server_->report(fmt::format("{}: {}", remote_address_, error.what()));
    answer = error_response(500, "internal error");
  } catch (const std::exception& error) {
    server_->report(fmt::format("{}: {}", remote_address_, error.what()));
    answer = error_response(500, "internal error");
  }
  in_handler_ = false;
  if (gone_ && !was_gone) answer.reset();
  co_return answer;
}

// Ends the handler's wait, if it waits.
void Connection::cancel_soon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->in_handler_) self->stop_handler_.emit(asio::cancellation_type::terminal);
  });
}

asio::awaitable<bool> Connection::send_response(const Request* request, Response response, bool keep_alive) {
  if (!server_->options.cross_origin) response.cross_origin = false;
  const bool bodiless = (request && request->is_head()) || response.status == 204 || response.status == 304;
  const std::string head = head_of(response, keep_alive, request ? request->version_minor : 1);
  const bool more = !bodiless && response.size_bytes() > 0;
  if (more && !response.pieces.empty()) {
    const bool all = co_await send_pieces(head, std::move(response.pieces));
    co_return all;
  }
  if (more && !response.file) {
    const bool all = co_await send(head + response.body, 0);
    co_return all;
  }
  bool sent = co_await send(head, more ? MSG_MORE : 0);
  if (!sent || !more) co_return sent;
  sent = co_await send_file(std::move(*response.file));
  co_return sent;
}

asio::awaitable<bool> Connection::send(std::string_view bytes, int flags) {
  while (!bytes.empty()) {
    asio::error_code error;
    const std::size_t size = socket_.send(asio::buffer(bytes), flags, error);
    if (error && !would_block(error)) co_return false;
    bytes.remove_prefix(error ? 0 : size);
    if (!error) sent_bytes_ += size;
    if (bytes.empty()) break;
    const bool ready = co_await writable();
    if (!ready) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_file(FileRegion region) {
  auto offset = static_cast<off_t>(region.offset);
  std::uint64_t left = region.size_bytes;
  while (left > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, file_piece_bytes));
    const ssize_t size = ::sendfile(socket_.native_handle(), region.file.descriptor(), &offset, wanted);
    if (size == 0) co_return false;  // the file shrank: the promised length cannot be kept
    if (size < 0 && errno != EAGAIN && errno != EINTR) co_return false;
    if (size > 0) {
      left -= static_cast<std::uint64_t>(size);
      sent_bytes_ += static_cast<std::uint64_t>(size);
    }
    if (left == 0) break;
    const bool ready = co_await writable();
    if (!ready) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_pieces(std::string head, std::vector<Slice> pieces) {
  std::vector<Bytes> left;
  left.reserve(pieces.size() + 1);
  left.emplace_back(reinterpret_cast<const std::uint8_t*>(head.data()), head.size());
  for (const Slice& piece : pieces) left.push_back(piece.bytes());
  for (std::size_t first = 0; first < left.size();) {
    std::array<iovec, 64> gathered;
    msghdr message{};
    message.msg_iov = gathered.data();
    for (; message.msg_iovlen < gathered.size() && first + message.msg_iovlen < left.size();
         ++message.msg_iovlen) {
      const Bytes bytes = left[first + message.msg_iovlen];
      gathered[message.msg_iovlen] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    }
    const ssize_t size = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR) co_return false;
    std::size_t taken = size > 0 ? static_cast<std::size_t>(size) : 0;
    sent_bytes_ += taken;
    while (first < left.size() && taken >= left[first].size()) taken -= left[first++].size();
    if (first == left.size()) break;
    left[first] = left[first].subspan(taken);
    const bool ready = co_await writable();
    if (!ready) co_return false;
  }
  co_return true;
}

asio::awaitable<void> Connection::linger() {
  asio::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  set_deadline(linger_time);
  for (std::size_t read = 0; read < max_linger_bytes; read += input_.size()) {
    input_.clear();
    const bool received = co_await receive();
    if (!received) co_return;
  }
}

void Connection::report_answer(const Request& request, int status) const {
  if (server_->options.on_answered) server_->options.on_answered(request, status);
}

}  // namespace srs::http
