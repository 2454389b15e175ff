#include "player.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace srs::relay {
namespace {

// A GOP of a live stream in a few blocks of the wire log; what is more goes out with the next send.
constexpr std::size_t max_pieces = 16;

}  // namespace

void Player::put(Slice bytes) {
  if (!bytes.empty()) own_.push_back(std::move(bytes));
}

void Player::reply(media::WireReader& wire, Slice bytes) {
  put_rest_of_message(wire);
  put(std::move(bytes));
  send(wire);
}

std::size_t Player::own_bytes() const {
  std::size_t size = 0;
  for (const Slice& each : own_) size += each.size();
  return size - own_sent_;
}

void Player::pause(media::WireReader& wire) {
  put_rest_of_message(wire);
  if (place_ == Place::in_log) place_ = Place::before_start;
  paused_ = true;
}

void Player::put_rest_of_message(media::WireReader& wire) {
  if (place_ != Place::in_log) return;
  Slice rest = wire.rest_of_message(offset_);
  offset_ += rest.size();
  put(std::move(rest));
}

void Player::find_start(const media::WireReader& wire) {
  // What is left of an earlier message goes first; by then there may be a newer start. Only at the
  // beginning all goes together: head, headers, media.
  if (headers_version_ != 0 && !own_.empty()) return;
  const media::WireStart* start = choose_start(wire);
  if (start == nullptr) return;
  place_ = Place::in_log;
  offset_ = start->offset;
  if (headers_version_ == 0) on_first_media();
  if (headers_version_ == start->headers->version) return;
  media::WirePrelude prelude = media::prelude(wire.encoder(), *start);
  put(std::move(prelude.metadata));
  put(std::move(prelude.codecs));
  headers_version_ = start->headers->version;
}

// Skip to a key frame, never one frame: losing a reference frame corrupts the picture until
// the next key frame; a jump costs at most one GOP.
bool Player::catch_up(media::WireReader& wire, media::WireOffset lag_limit) {
  if (place_ != Place::in_log || (offset_ >= wire.tail() && offset_ >= lag_limit)) return false;
  if (offset_ >= wire.tail()) {
    const media::WireStart* start = wire.newest_start();
    if (start == nullptr || start->offset <= offset_) return false;
  }
  put_rest_of_message(wire);
  place_ = Place::before_start;
  ++counters_.jumps;
  return true;
}

std::size_t Player::gather(const media::WireReader& wire, iovec* pieces, std::size_t max) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < own_.size() && count < max; ++i) {
    const std::size_t skipped = i == 0 ? own_sent_ : 0;
    pieces[count++] = {const_cast<std::uint8_t*>(own_[i].data()) + skipped, own_[i].size() - skipped};
  }
  if (place_ == Place::in_log) count += wire.gather(offset_, pieces + count, max - count);
  return count;
}

ssize_t Player::transmit(const msghdr& message) {
  return ::sendmsg(socket().native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Player::send(const media::WireReader& wire) {
  while (!gone_ && !waiting_) {
    if (place_ == Place::before_start && !paused_ && !finishing_) find_start(wire);
    iovec pieces[max_pieces];
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = gather(wire, pieces, max_pieces);
    if (message.msg_iovlen == 0 && !holds_unsent()) break;
    const ssize_t sent = transmit(message);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      wire_ = &wire;
      return wait_for_room();
    }
    if (sent < 0) return drop(std::generic_category().message(errno));
    advance(static_cast<std::size_t>(sent));
  }
  if (finishing_ && !waiting_ && !gone_) finish_sending();
}

void Player::advance(std::size_t sent_bytes) {
  counters_.sent_bytes += sent_bytes;
  blocked_since_ = {};
  std::size_t finished = 0;
  while (finished < own_.size() && sent_bytes >= own_[finished].size() - own_sent_) {
    sent_bytes -= own_[finished++].size() - own_sent_;
    own_sent_ = 0;
  }
  own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(finished));
  if (!own_.empty()) {
    own_sent_ += sent_bytes;
    return;
  }
  own_.shrink_to_fit();
  offset_ += sent_bytes;
}

void Player::wait_for_room() {
  waiting_ = true;
  if (blocked_since_ == Clock::time_point{}) blocked_since_ = Clock::now();
  socket().async_wait(asio::ip::tcp::socket::wait_write,
                      [self = shared_from_this()](const asio::error_code& error) {
                        self->waiting_ = false;
                        if (!error && !self->gone_) self->send(*self->wire_);
                        self->on_room();
                      });
}

void Player::finish(const media::WireReader& wire, Slice last_bytes) {
  if (gone_ || finishing_) return;
  finishing_ = true;
  // The log ends with the stream: what is left of it becomes the player's own.
  while (place_ == Place::in_log && offset_ < wire.head()) {
    Slice rest = wire.next_slice(offset_);
    offset_ += rest.size();
    put(std::move(rest));
  }
  place_ = Place::after_end;
  put(last_words(std::move(last_bytes)));
  send(wire);
}

void Player::finish_sending() {
  shut_sending();
  drop({});
}

void Player::shut_sending() {
  asio::error_code ignored;
  socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Player::drop(const std::string& why) {
  if (gone_) return;
  gone_ = true;
  own_ = {};
  on_gone(why);
}

Player::Clock::duration Player::stalled_for(Clock::time_point now) const {
  return blocked_since_ == Clock::time_point{} ? Clock::duration::zero() : now - blocked_since_;
}

std::chrono::milliseconds Player::lag(const media::WireReader& wire) const {
  if (place_ != Place::in_log || offset_ >= wire.head()) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(wire.newest_ms() - wire.timestamp_at(offset_));
}

}  // namespace srs::relay
