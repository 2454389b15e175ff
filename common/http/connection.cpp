#include "http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
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
  copy.client_certificate = request.client_certificate;
  return copy;
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> server, net::Socket socket, net::Ticket ticket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      ticket_(std::move(ticket)),
      deadline_(socket_.tcp().get_executor()),
      remote_address_(net::remote_address(socket_.tcp())),
      number_(++server_->last_number),
      parser_(server_->options.limits) {
  server_->connections.insert(this);
  asio::error_code ignored;
  socket_.tcp().non_blocking(true, ignored);
  socket_.tcp().native_non_blocking(true, ignored);
}

Connection::~Connection() {
  server_->connections.erase(this);
}

void Connection::start(std::shared_ptr<Connection> connection) {
  auto& socket = connection->socket_.tcp();
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
  if (!takeover || !socket_.tcp().is_open()) return ticket_.close(socket_.tcp());
  socket_.cancel();
  takeover->accept(std::move(socket_), std::move(ticket_), std::move(takeover->head));
}

void Connection::end() {
  socket_.close();
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
    self->socket_.cancel();
  });
}

// TLS reads by itself, in fill().
void Connection::start_reading() {
  if (reading_ != nullptr || gone_) return;
  auto reading = std::make_unique<Reading>();
  reading_ = reading.get();
  auto done = [self = shared_from_this(), reading = std::move(reading)](const asio::error_code& error,
                                                                        std::size_t size = 0) mutable {
    self->on_read(error, size, std::move(reading));
  };
  auto& socket = socket_.tcp();
  if (socket_.has_input()) {
    asio::post(socket.get_executor(), [done = std::move(done)]() mutable { done({}); });
  } else if (socket_.has_tls()) {
    socket.async_wait(tcp::socket::wait_read, std::move(done));
  } else {
    socket.async_read_some(asio::buffer(received_), std::move(done));
  }
}

void Connection::on_read(const asio::error_code& error, std::size_t size, std::unique_ptr<Reading> reading) {
  reading_ = nullptr;
  // A deadline interrupts the read, too.
  if (error) gone_ = error != asio::error::operation_aborted || !socket_.tcp().is_open();
  input_.append(received_.data(), size);
  if (size == received_.size() || (socket_.has_tls() && !error)) fill();
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
  if (timed_out_ || !socket_.tcp().is_open()) co_return false;
  start_reading();
  if (reading_ != nullptr) co_await until_read();
  co_return !gone_ && !timed_out_ && socket_.tcp().is_open();
}

// Appends what else the socket holds to input_. If that is its end, the client is gone.
void Connection::fill() {
  std::array<std::uint8_t, 16 * 1024> bytes;
  const auto size = socket_.receive(bytes);
  if (size) input_.append(reinterpret_cast<const char*>(bytes.data()), *size);
  if (!size && socket_.has_tls()) gone_ = true;  // otherwise the next read finds it
}

asio::awaitable<std::optional<Takeover>> Connection::run() {
  for (;;) {
    const bool whole = co_await read_request();
    if (!whole) co_return std::nullopt;
    Request asked = parser_.release();
    asked.remote_address = remote_address_;
    asked.encrypted = socket_.has_tls();
    if (socket_.has_tls()) asked.client_certificate = socket_.tls()->peer_name();
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
    const auto executor = socket_.tcp().get_executor();
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
        report_foreign();
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
  asio::post(socket_.tcp().get_executor(), [self = shared_from_this()] {
    if (self->in_handler_) self->stop_handler_.emit(asio::cancellation_type::terminal);
  });
}

asio::awaitable<void> Connection::linger() {
  socket_.shut_sending();
  set_deadline(linger_time);
  for (std::size_t read = 0; read < max_linger_bytes; read += input_.size()) {
    input_.clear();
    const bool received = co_await receive();
    if (!received) co_return;
  }
}

// 22 begins a handshake of TLS (RFC 8446, section 5.1).
void Connection::report_foreign() const {
  const bool is_tls = !parser_.started() && input_.starts_with('\x16');
  if (is_tls && server_->options.on_foreign)
    server_->options.on_foreign(remote_address_, "TLS (is it https:// instead of http://?)");
}

void Connection::report_answer(const Request& request, int status) const {
  if (server_->options.on_answered) server_->options.on_answered(request, status);
}

}  // namespace srs::http
