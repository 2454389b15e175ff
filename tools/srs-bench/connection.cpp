#include "connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace srs::bench {
namespace {

constexpr std::chrono::seconds keep_alive_interval{15};
// Answers to a server that asks and reads nothing: beyond this we read it no further until it took them.
constexpr std::size_t max_waiting_replies = 64 * 1024;

}  // namespace

void Connection::open(const Address& address, std::unique_ptr<Protocol> protocol) {
  now_ = Clock::now();
  bytes_ = 0;
  protocol_ = std::move(protocol);
  fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!connect_to(address)) {
    // There is one cause of this that is not the server's, and that a user can do something about.
    if (errno == EADDRNOTAVAIL)
      return fail("no local port is left: connect from more addresses, as with --bind 127.0.0.2,127.0.0.3");
    return fail(std::strerror(errno));
  }
  connecting_ = true;
  wanted_ = EPOLLOUT;
  loop_.add(fd_, *this, wanted_);
}

bool Connection::connect_to(const Address& address) {
  if (local_ != nullptr) {
    // The port is chosen by connect(), which knows that another server's connection may have the same.
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

void Connection::fail(const std::string& reason) {
  close();
  on_failed(reason);
}

void Connection::want(std::uint32_t events) {
  // Once for each arrival at most: the kernel may call a socket readable for reasons of its own (a small
  // window) when there is nothing left to take.
  if (drain_) events |= EPOLLRDHUP | EPOLLET;
  if (events == wanted_) return;
  wanted_ = events;
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
  if (drain_ && (events & EPOLLIN) != 0) return take_unseen();
  if ((events & (EPOLLIN | over)) != 0) receive();
}

bool Connection::finish_connecting() {
  connecting_ = false;
  if (const int error = pending_error(); error != 0) return fail(std::strerror(error)), false;
  want(EPOLLIN);
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
  if (auto fed = protocol_->feed(Bytes(buffer_.data(), static_cast<std::size_t>(size))); !fed)
    return fail(fed.error().message);
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
  want(wanted_);
}

void Connection::take_unseen() {
  drain_->discard();
  count_received();
  send_output();
}

void Connection::count_received() {
  const std::uint64_t size = bytes_before_drain_ + drain_->received() - bytes_;
  bytes_ += size;
  protocol_->count(size);
  if (size > 0) end_looked_for_ = false;
  on_received();
}

void Connection::look(Clock::time_point now) {
  if (!drain_) return;
  now_ = now;
  const std::uint64_t before = bytes_;
  if (now >= keep_alive_due_) {
    keep_alive_due_ = now + keep_alive_interval;
    protocol_->keep_alive();
  }
  drain_->look();
  if (drain_->is_above_mark()) drain_->discard();
  count_received();
  if (!send_output() || bytes_ != before || end_looked_for_) return;
  end_looked_for_ = true;
  if (!protocol_->ends(drain_->peek(buffer_))) return;
  close();
  on_closed(true);
}

// The server has closed its side, or reset the connection because it had no use for our last
// acknowledgement. What it said before is still in the queue.
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

bool Connection::lose(int error) {
  if (drain_) return end_counting(error), false;
  return fail(std::strerror(error)), false;
}

bool Connection::send_output() {
  const std::vector<std::uint8_t> output = protocol_->take_output();
  if (output.empty()) return true;
  if (!send(output)) return false;
  if (has_unsent()) waiting_replies_ += output.size();
  if (waiting_replies_ > max_waiting_replies) want(EPOLLOUT);
  return true;
}

bool Connection::send(Bytes bytes) {
  const bool was_empty = unsent_.empty();
  if (was_empty) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return lose(errno);
    if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  if (!unsent_.empty()) want(waiting_replies_ > max_waiting_replies ? EPOLLOUT : EPOLLIN | EPOLLOUT);
  return true;
}

bool Connection::flush() {
  const ssize_t sent = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (sent < 0) return lose(errno);
  unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
  if (unsent_.empty()) {
    unsent_.shrink_to_fit();
    waiting_replies_ = 0;
    want(EPOLLIN);
  }
  return true;
}

}  // namespace srs::bench
