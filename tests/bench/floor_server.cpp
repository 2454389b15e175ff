#include "floor_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace srs::bench_floor {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t receive_size = 64 * 1024;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

bench::UtcMicroseconds utc_of(Clock::time_point time) {
  const auto ago = Clock::now() - time;
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now() - ago);
}

}  // namespace

FloorServer::FloorServer(PreparedStream stream, Wire wire, FlushRule flush, int listener,
                         Clock::time_point epoch)
    : stream_(std::move(stream)),
      wire_(wire),
      flush_(flush),
      listener_(listener),
      epoch_(epoch),
      utc_epoch_(utc_of(epoch)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create")) {
  watch(listener_, EPOLLIN, nullptr);
  watch(timer_, EPOLLIN, &timer_);
}

FloorServer::~FloorServer() {
  for (const auto& player : players_) ::close(player->fd);
  ::close(listener_);
  ::close(timer_);
  ::close(epoll_);
}

void FloorServer::watch(int fd, std::uint32_t events, void* target) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = target;
  checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void FloorServer::run(const std::atomic<bool>& stop) {
  set_timer();
  while (!stop) {
    epoll_event events[256];
    const int count = ::epoll_wait(epoll_, events, std::size(events), -1);
    // Last: flushing may remove players that other events refer to.
    bool due_now = false;
    for (int i = 0; i < count; ++i) {
      if (events[i].data.ptr == nullptr)
        accept_players();
      else if (events[i].data.ptr == &timer_)
        due_now = true;
      else
        handle(*static_cast<Player*>(events[i].data.ptr), events[i].events);
    }
    if (due_now) flush(Clock::now());
  }
}

Clock::time_point FloorServer::due(std::size_t position) const {
  const auto& messages = stream_.messages();
  const auto turns = static_cast<std::int64_t>(position / messages.size());
  return epoch_ + milliseconds(turn_start_ms_ + turns * stream_.turn_ms() +
                               messages[position % messages.size()].timestamp_ms);
}

Clock::time_point FloorServer::next_flush() const {
  const Clock::time_point oldest = due(position_);
  if (flush_.kind == FlushRule::each_message) return oldest;
  const Clock::time_point latest = oldest + flush_.time;
  if (flush_.kind == FlushRule::interval) return latest;
  const auto& messages = stream_.messages();
  for (std::size_t i = position_; due(i) < latest; ++i)
    if (messages[i % messages.size()].is_video) return due(i);
  return latest;
}

void FloorServer::set_timer() {
  const auto at = next_flush().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
  itimerspec time{};
  time.it_value.tv_sec = seconds.count();
  time.it_value.tv_nsec = std::chrono::nanoseconds(at - seconds).count();
  checked(::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &time, nullptr), "timerfd_settime");
}

void FloorServer::flush(Clock::time_point now) {
  stamp_due(now);
  // From the back: a removed player's place goes to one that has had its turn.
  for (std::size_t i = players_.size(); i-- > 0;) {
    Player& player = *players_[i];
    if (player.dialogue) continue;
    if (head_ - player.offset > stream_.bytes().size() / 2) {
      ++cut_off_;
      remove(player);
    } else if (!player.full && !send(player)) {
      remove(player);
    }
  }
  set_timer();
}

void FloorServer::stamp_due(Clock::time_point now) {
  while (due(position_) <= now) {
    const PreparedMessage& message = stream_.messages()[position_];
    const auto due_utc = utc_epoch_ + milliseconds(turn_start_ms_ + message.timestamp_ms);
    if (!stream_.stamp(message, turn_start_ms_ + message.timestamp_ms, due_utc))
      throw std::runtime_error("RTMP timestamps of three bytes end after 4.6 hours");
    if (message.is_key_frame) newest_start_ = head_;
    head_ += message.size;
    if (++position_ == stream_.messages().size()) {
      position_ = 0;
      turn_start_ms_ += stream_.turn_ms();
    }
  }
}

void FloorServer::accept_players() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto player = std::make_unique<Player>();
    player->fd = fd;
    player->place = players_.size();
    player->dialogue = make_player_dialogue(wire_);
    // Edge-triggered: EPOLLOUT is reported once each time a full socket has room, and costs no call.
    watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, player.get());
    players_.push_back(std::move(player));
  }
}

void FloorServer::handle(Player& player, std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0 && !receive(player)) return remove(player);
  if ((events & EPOLLOUT) == 0 || !player.full) return;
  player.full = false;
  if (!send(player)) remove(player);
}

bool FloorServer::receive(Player& player) {
  std::uint8_t buffer[receive_size];
  for (;;) {
    const ssize_t size = ::recv(player.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    if (!player.dialogue) continue;  // acknowledgements
    auto playing = player.dialogue->feed(Bytes(buffer, static_cast<std::size_t>(size)), player.own);
    if (!playing) return false;
    if (*playing) {
      player.dialogue.reset();
      player.own.insert(player.own.end(), stream_.prelude().begin(), stream_.prelude().end());
      player.offset = newest_start_;
    }
    if (!player.full && !send(player)) return false;
  }
}

int FloorServer::gather(const Player& player, iovec* pieces) const {
  int count = 0;
  const auto add = [&](const std::uint8_t* data, std::size_t size) {
    if (size > 0) pieces[count++] = {const_cast<std::uint8_t*>(data), size};
  };
  add(player.own.data(), player.own.size());
  if (player.dialogue) return count;
  const Bytes turn = stream_.bytes();
  const std::size_t size = head_ - player.offset;
  const std::size_t at = player.offset % turn.size();
  const std::size_t first = std::min(size, turn.size() - at);
  add(turn.data() + at, first);
  add(turn.data(), size - first);
  return count;
}

bool FloorServer::send(Player& player) {
  iovec pieces[3];
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = static_cast<std::size_t>(gather(player, pieces));
  if (message.msg_iovlen == 0) return true;
  const std::size_t wanted = player.own.size() + (player.dialogue ? 0 : head_ - player.offset);
  const ssize_t result = ::sendmsg(player.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  ++sends_;
  if (result < 0 && errno != EAGAIN && errno != EINTR) return false;
  const std::size_t sent = result < 0 ? 0 : static_cast<std::size_t>(result);
  sent_bytes_ += sent;
  const std::size_t of_own = std::min(sent, player.own.size());
  if (of_own > 0) {
    player.own.erase(player.own.begin(), player.own.begin() + static_cast<std::ptrdiff_t>(of_own));
    if (player.own.empty()) std::vector<std::uint8_t>().swap(player.own);
  }
  player.offset += sent - of_own;
  player.full = sent < wanted;
  return true;
}

void FloorServer::remove(Player& player) {
  ::close(player.fd);
  const std::size_t place = player.place;
  std::swap(players_[place], players_.back());
  players_[place]->place = place;
  players_.pop_back();
}

}  // namespace srs::bench_floor
