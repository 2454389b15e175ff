#include "srs-bench/loop/connection.h"

#include <sys/epoll.h>

#include <cerrno>
#include <cstring>

namespace srs::bench {
namespace {

constexpr std::chrono::seconds keep_alive_interval{15};
// Replies queued for a server that does not read: beyond this we stop reading from it until they are sent.
constexpr std::size_t max_waiting_replies = 64 * 1024;
// Of TLS, before the next connection's turn.
constexpr int max_reads = 16;

}  // namespace

void Connection::open(const Address& address, TlsTarget tls, std::unique_ptr<Protocol> protocol) {
  now_ = Clock::now();
  bytes_ = 0;
  refusal_ = {};
  protocol_ = std::move(protocol);
  tls_ = std::move(tls);
  if (auto begun = socket_.connect(address, local_); !begun) return fail(begun.error().message);
  connecting_ = true;
  watched_events_ = EPOLLOUT;
  loop_.add(socket_.fd(), *this, watched_events_);
}

void Connection::close() {
  if (!socket_.is_open()) return;
  socket_.close();
  connecting_ = false;
  unsent_ = {};
  waiting_replies_ = 0;
  protocol_.reset();
  drain_.reset();
  loop_.clear_timer(*this);
}

std::string_view Connection::awaits() const {
  return connecting_ || !protocol_ ? "a connection" : protocol_->awaits();
}

void Connection::fail(const std::string& reason) {
  close();
  on_failed(reason);
}

void Connection::watch_events(std::uint32_t events) {
  // At most one event per arrival: the kernel may report a socket as readable (because of a small window)
  // when nothing is left to read.
  if (drain_) events |= EPOLLRDHUP | EPOLLET;
  if (socket_.has_input()) events |= EPOLLOUT;  // at once
  if (events == watched_events_) return;
  watched_events_ = events;
  loop_.modify(socket_.fd(), *this, events);
}

void Connection::on_ready(std::uint32_t events, Clock::time_point now) {
  if (!is_open()) return;  // closed by an earlier event of the same batch
  now_ = now;
  if (connecting_ && !finish_connecting()) return;
  if ((events & EPOLLOUT) != 0 && has_unsent()) {
    if (!flush()) return;
    if (!has_unsent()) on_sent();
    if (!is_open()) return;
  }
  constexpr std::uint32_t over = EPOLLHUP | EPOLLERR | EPOLLRDHUP;
  if (drain_ && (events & over) != 0) return end_counting(socket_.pending_error());
  if (drain_ && (events & EPOLLIN) != 0) return drain_received();
  if ((events & (EPOLLIN | over)) != 0 || socket_.has_input()) receive();
}

bool Connection::finish_connecting() {
  if (const int error = socket_.pending_error(); error != 0) return fail(std::strerror(error)), false;
  const auto wait = socket_.shake_hands(tls_);
  if (!wait) return fail(wait.error().message), false;
  if (*wait != net::TlsStream::Wait::none) {
    watch_events(*wait == net::TlsStream::Wait::writable ? EPOLLOUT : EPOLLIN);
    return false;
  }
  connecting_ = false;
  watch_events(EPOLLIN);
  return send_output();
}

// TLS is read until it holds nothing, or others have to have their turn.
void Connection::receive() {
  for (int reads = 0; reads < max_reads && receive_some() && socket_.has_input(); ++reads) {
  }
  if (socket_.has_tls() && is_open() && !has_unsent()) watch_events(EPOLLIN);
}

// False: nothing was there, or it is closed.
bool Connection::receive_some() {
  const ssize_t size = socket_.receive(buffer_);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size < 0) return fail(std::strerror(errno)), false;
  if (size == 0) {
    close();
    return on_closed(false), false;
  }
  bytes_ += static_cast<std::size_t>(size);
  if (auto fed = protocol_->feed(Bytes(buffer_.data(), static_cast<std::size_t>(size))); !fed) {
    refusal_ = protocol_->refusal();
    return fail(fed.error().message), false;
  }
  on_received();
  if (!is_open()) return false;
  if (protocol_->ended()) {
    close();
    return on_closed(true), false;
  }
  return send_output();
}

void Connection::count_only(std::size_t low_water_bytes) {
  if (socket_.has_tls()) return;  // what is encrypted does not show where it ends
  bytes_before_drain_ = bytes_;
  keep_alive_due_ = now_ + keep_alive_interval;
  drain_.emplace(socket_.fd(), low_water_bytes);
  watch_events(watched_events_);
}

void Connection::drain_received() {
  drain_->discard();
  count_received();
  send_output();
}

void Connection::count_received() {
  const std::uint64_t size = bytes_before_drain_ + drain_->received() - bytes_;
  bytes_ += size;
  protocol_->count(size);
  if (size > 0) end_checked_ = false;
  on_received();
}

void Connection::tick(Clock::time_point now) {
  if (!drain_) return;
  now_ = now;
  const std::uint64_t before = bytes_;
  if (now >= keep_alive_due_) {
    keep_alive_due_ = now + keep_alive_interval;
    protocol_->keep_alive();
  }
  drain_->update();
  if (drain_->is_above_mark()) drain_->discard();
  count_received();
  if (!send_output() || bytes_ != before || end_checked_) return;
  end_checked_ = true;
  if (!protocol_->ends(drain_->peek(buffer_))) return;
  close();
  on_closed(true);
}

// The server has closed its side, or reset the connection because of our last acknowledgement. Its last bytes
// are still in the queue.
void Connection::end_counting(int error) {
  drain_->discard();
  count_received();
  const bool stream_ended = protocol_->ends(drain_->peek(buffer_));
  if (error != 0 && !stream_ended) return fail(std::strerror(error));
  close();
  on_closed(stream_ended);
}

bool Connection::on_send_error(int error) {
  if (drain_) return end_counting(error), false;
  return fail(std::strerror(error)), false;
}

bool Connection::send_output() {
  const std::vector<std::uint8_t> output = protocol_->take_output();
  if (output.empty()) return true;
  if (!send(output)) return false;
  if (has_unsent()) waiting_replies_ += output.size();
  if (waiting_replies_ > max_waiting_replies) watch_events(EPOLLOUT);
  return true;
}

bool Connection::send(Bytes bytes) {
  if (!has_unsent()) {
    const ssize_t sent = socket_.send(bytes);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return on_send_error(errno);
    if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  if (has_unsent()) watch_events(waiting_replies_ > max_waiting_replies ? EPOLLOUT : EPOLLIN | EPOLLOUT);
  return true;
}

bool Connection::flush() {
  const ssize_t sent = socket_.send(unsent_);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (sent < 0) return on_send_error(errno);
  unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
  if (!has_unsent()) {
    unsent_.shrink_to_fit();
    waiting_replies_ = 0;
    watch_events(EPOLLIN);
  }
  return true;
}

}  // namespace srs::bench
