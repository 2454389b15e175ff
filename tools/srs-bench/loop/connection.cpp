#include "srs-bench/loop/connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace srs::bench {
namespace {

constexpr std::chrono::seconds keep_alive_interval{15};
// Replies queued for a server that does not read: beyond this we stop reading from it until they are sent.
constexpr std::size_t max_waiting_replies = 64 * 1024;

}  // namespace

void Connection::open(const Address& address, std::unique_ptr<Protocol> protocol) {
  now_ = Clock::now();
  bytes_ = 0;
  refusal_ = {};
  protocol_ = std::move(protocol);
  fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!connect_to(address)) {
    // The one cause that is not the server's, and that the user can fix.
    if (errno == EADDRNOTAVAIL)
      return fail("no local port is left: connect from more addresses, as with --bind 127.0.0.2,127.0.0.3");
    return fail(std::strerror(errno));
  }
  connecting_ = true;
  watched_events_ = EPOLLOUT;
  loop_.add(fd_, *this, watched_events_);
}

bool Connection::connect_to(const Address& address) {
  if (local_ != nullptr) {
    // Lets connect() choose the port, which may be shared with a connection to another server.
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&local_->storage), local_->size) != 0) return false;
  }
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 ||
         errno == EINPROGRESS;
}

void Connection::close() {
  if (fd_ < 0) return;
  ::close(fd_);
  fd_ = -1;
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
  if (events == watched_events_) return;
  watched_events_ = events;
  loop_.modify(fd_, *this, events);
}

void Connection::on_ready(std::uint32_t events, Clock::time_point now) {
  if (fd_ < 0) return;  // closed by an earlier event of the same batch
  now_ = now;
  if (connecting_ && !finish_connecting()) return;
  if ((events & EPOLLOUT) != 0 && has_unsent()) {
    if (!flush()) return;
    if (!has_unsent()) on_sent();
    if (fd_ < 0) return;
  }
  constexpr std::uint32_t over = EPOLLHUP | EPOLLERR | EPOLLRDHUP;
  if (drain_ && (events & over) != 0) return end_counting(pending_error());
  if (drain_ && (events & EPOLLIN) != 0) return drain_received();
  if ((events & (EPOLLIN | over)) != 0) receive();
}

bool Connection::finish_connecting() {
  connecting_ = false;
  if (const int error = pending_error(); error != 0) return fail(std::strerror(error)), false;
  watch_events(EPOLLIN);
  return send_output();
}

void Connection::receive() {
  const ssize_t size = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return fail(std::strerror(errno));
  if (size == 0) {
    close();
    return on_closed(false);
  }
  bytes_ += static_cast<std::size_t>(size);
  if (auto fed = protocol_->feed(Bytes(buffer_.data(), static_cast<std::size_t>(size))); !fed) {
    refusal_ = protocol_->refusal();
    return fail(fed.error().message);
  }
  on_received();
  if (fd_ < 0) return;
  if (protocol_->ended()) {
    close();
    return on_closed(true);
  }
  send_output();
}

void Connection::count_only(std::size_t low_water_bytes) {
  bytes_before_drain_ = bytes_;
  keep_alive_due_ = now_ + keep_alive_interval;
  drain_.emplace(fd_, low_water_bytes);
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

int Connection::pending_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
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
  const bool was_empty = unsent_.empty();
  if (was_empty) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return on_send_error(errno);
    if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  if (!unsent_.empty()) watch_events(waiting_replies_ > max_waiting_replies ? EPOLLOUT : EPOLLIN | EPOLLOUT);
  return true;
}

bool Connection::flush() {
  const ssize_t sent = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (sent < 0) return on_send_error(errno);
  unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
  if (unsent_.empty()) {
    unsent_.shrink_to_fit();
    waiting_replies_ = 0;
    watch_events(EPOLLIN);
  }
  return true;
}

}  // namespace srs::bench
