#include "srs-bench/http/http_connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "srs-bench/http/field_value.h"
#include "srs-bench/http/http_redirect.h"

namespace srs::bench {
namespace {

constexpr int max_reads = 16;  // per ready connection, before the next one's turn
constexpr std::size_t head_max = 16 * 1024;
constexpr std::size_t chunk_line_max = 256;
// Read size for an answer whose body is discarded: its head, and little more.
constexpr std::size_t head_piece = 1024;

bool same_text(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

void HttpConnection::get(const std::string& target, Body body) {
  request_ = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: srs-bench\r\nAccept: */*\r\n\r\n",
                         target, server_.authority);
  how_ = body;
  asked_ = now_ = Clock::now();
  state_ = State::head;
  answer_begun_ = false;
  sent_ = 0;
  if (!socket_.is_open()) return open();
  send();
}

void HttpConnection::open() {
  used_ = false;
  if (auto begun = socket_.connect(server_.address, local_); !begun) return on_lost(begun.error().message);
  connecting_ = true;
  loop_.add(socket_.fd(), *this, EPOLLOUT);
}

// Closes the descriptor alone.
void HttpConnection::drop() {
  socket_.close();
  connecting_ = false;
  line_.clear();
}

void HttpConnection::close() {
  drop();
  state_ = State::idle;
}

void HttpConnection::on_lost(const std::string& reason) {
  const bool again = is_busy() && used_ && !answer_begun_;
  drop();
  if (!is_busy()) return;  // between two requests: the next one reconnects
  sent_ = 0;
  if (again) return open();
  state_ = State::idle;
  listener_.on_broken(*this, reason);
}

void HttpConnection::send() {
  while (sent_ < request_.size() || socket_.holds_unsent()) {
    const Bytes all(reinterpret_cast<const std::uint8_t*>(request_.data()), request_.size());
    const ssize_t size = socket_.send(all.subspan(sent_));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) return on_lost(std::strerror(errno));
    if (size > 0) sent_ += static_cast<std::size_t>(size);
    if (size < 0 || socket_.holds_unsent()) return loop_.modify(socket_.fd(), *this, EPOLLIN | EPOLLOUT);
  }
}

void HttpConnection::finish_connecting() {
  if (const int error = socket_.pending_error(); error != 0) return on_lost(std::strerror(error));
  const auto wait = socket_.shake_hands(server_.tls);
  if (!wait) return on_lost(wait.error().message);
  loop_.modify(socket_.fd(), *this, *wait == net::TlsStream::Wait::writable ? EPOLLOUT : EPOLLIN);
  if (*wait != net::TlsStream::Wait::none) return;
  connecting_ = false;
  send();
}

void HttpConnection::on_ready(std::uint32_t events, Clock::time_point now) {
  if (!socket_.is_open()) return;  // closed by an earlier event of the same batch
  now_ = now;
  if (connecting_) return finish_connecting();
  if ((events & EPOLLOUT) != 0) {
    loop_.modify(socket_.fd(), *this, EPOLLIN);
    send();
    if (!socket_.is_open() || connecting_) return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 || socket_.has_input()) receive();
}

// Ends after a complete answer, since the listener may have made the next request by then; or after
// max_reads, so that a server that sends faster than we read does not starve other connections.
void HttpConnection::receive() {
  for (int reads = 0; reads < max_reads && receive_some(); ++reads) {
  }
  // What TLS holds does not make the socket readable.
  if (socket_.has_input() && !connecting_) loop_.modify(socket_.fd(), *this, EPOLLIN | EPOLLOUT);
}

bool HttpConnection::receive_some() {
  const bool unseen = state_ == State::body && how_ == Body::pass_over && !until_close_;
  const std::size_t wanted = unseen                                             ? left_
                             : state_ == State::head && how_ == Body::pass_over ? head_piece
                                                                                : buffer_.size();
  const ssize_t received = unseen && !socket_.has_tls()
                               ? ::recv(socket_.fd(), nullptr, wanted, MSG_TRUNC | MSG_DONTWAIT)
                               : socket_.receive(std::span(buffer_).first(std::min(wanted, buffer_.size())));
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (received < 0) return on_lost(std::strerror(errno)), false;
  if (received == 0) {
    if (is_busy() && until_close_ && state_ == State::body) {
      keep_alive_ = false;
      return finish(), false;
    }
    return on_lost(answer_begun_ ? "closed by the server inside an answer" : "closed by the server"), false;
  }
  const auto size = static_cast<std::size_t>(received);
  listener_.on_bytes(size);
  if (unseen) {
    left_ -= size;
    if (left_ > 0) return size == wanted || socket_.has_input();
    return finish(), false;
  }
  if (!is_busy()) return on_lost("an answer that nobody asked for"), false;
  answer_begun_ = true;
  Bytes rest(buffer_.data(), size);
  while (!rest.empty() && is_busy()) {
    const auto left = feed(rest);
    if (!left) return false;
    rest = *left;
  }
  // Only if more of the same answer may be waiting.
  return is_busy() && socket_.is_open() && !connecting_ && state_ != State::head && size == wanted;
}

std::optional<Bytes> HttpConnection::feed(Bytes bytes) {
  switch (state_) {
    case State::head:
      return consume_head(bytes);
    case State::body:
      return consume_body(bytes, State::idle);
    case State::chunk:
      return consume_body(bytes, State::chunk_end);
    default:
      return consume_chunked(bytes);
  }
}

Bytes HttpConnection::consume_body(Bytes bytes, State then) {
  const std::size_t size =
      until_close_ ? bytes.size() : static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  if (how_ == Body::read) listener_.on_body(*this, bytes.first(size));
  if (!is_busy() || until_close_) return {};
  left_ -= size;
  if (left_ > 0) return {};
  if (then == State::idle) {
    finish();
    return {};
  }
  state_ = then;
  return bytes.subspan(size);
}

std::optional<Bytes> HttpConnection::consume_head(Bytes bytes) {
  const std::size_t before = line_.size();
  line_.append(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), head_max));
  const std::size_t end = line_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (line_.size() >= head_max) return on_lost("HTTP: the head of an answer does not end"), std::nullopt;
    return Bytes();
  }
  line_.resize(end + 2);
  if (!parse_head()) return std::nullopt;
  const Bytes rest = bytes.subspan(end + 4 - before);
  if (state_ == State::body && left_ == 0 && !until_close_) {
    finish();
    return Bytes();
  }
  return rest;
}

// False after an error, or if the listener has closed the connection.
bool HttpConnection::parse_head() {
  int status = 0;
  if (!line_.starts_with("HTTP/1.") || line_.size() < 12) return on_lost("HTTP: this is no answer"), false;
  std::from_chars(line_.data() + 9, line_.data() + 12, status);
  keep_alive_ = line_[7] != '0';
  until_close_ = true;
  left_ = 0;
  bool chunked = false;
  std::string_view rest = line_;
  rest.remove_prefix(rest.find("\r\n") + 2);
  for (std::size_t end = rest.find("\r\n"); end != rest.npos; end = rest.find("\r\n")) {
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const std::size_t colon = std::min(field.find(':'), field.size());
    const std::string_view name = field.substr(0, colon);
    const std::string_view value = trimmed(field.substr(std::min(colon + 1, field.size())));
    if (same_text(name, "content-length")) {
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), left_);
      if (parsed.ec != std::errc()) return on_lost("HTTP: a wrong Content-Length"), false;
      until_close_ = false;
    } else if (same_text(name, "transfer-encoding")) {
      chunked = same_text(value, "chunked");
    } else if (same_text(name, "connection") && same_text(value, "close")) {
      keep_alive_ = false;
    }
  }
  location_ = status >= 300 && status < 400 ? http_field(line_, "location") : std::string();
  if (chunked) until_close_ = false;
  if (status == 204 || status == 304) left_ = 0, until_close_ = chunked = false;
  state_ = chunked ? State::chunk_size : State::body;
  line_.clear();
  listener_.on_head(*this, status);
  return is_busy();
}

std::optional<Bytes> HttpConnection::consume_chunked(Bytes bytes) {
  const char next = static_cast<char>(bytes[0]);
  const Bytes rest = bytes.subspan(1);
  if (next != '\n') {
    if (line_.size() == chunk_line_max) return on_lost("HTTP: a wrong chunk"), std::nullopt;
    line_ += next;
    return rest;
  }
  const std::string line = std::exchange(line_, {});
  if (state_ == State::chunk_end) {
    state_ = State::chunk_size;
  } else if (state_ == State::trailer) {
    if (line != "\r" && !line.empty()) return rest;
    finish();
    return Bytes();
  } else {
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
    if (parsed.ec != std::errc()) return on_lost("HTTP: a wrong chunk"), std::nullopt;
    state_ = left_ == 0 ? State::trailer : State::chunk;
  }
  return rest;
}

void HttpConnection::finish() {
  used_ = true;
  if (!keep_alive_) drop();
  state_ = State::idle;
  listener_.on_answered(*this);
}

}  // namespace srs::bench
