#include "srs-relay/streams/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace srs::relay {
namespace {

// Enough for a GOP in a few blocks of the wire log; more goes out with the next send.
constexpr std::size_t max_pieces = 16;

}  // namespace

void Player::put(Slice bytes) {
  if (!bytes.empty()) own_.push_back(std::move(bytes));
}

void Player::reply(log::WireReader& wire, Slice bytes) {
  put_rest_of_message(wire);
  put(std::move(bytes));
  send(wire);
}

std::size_t Player::own_bytes() const {
  std::size_t size = 0;
  for (const Slice& each : own_) size += each.size();
  return size - own_sent_;
}

void Player::pause(log::WireReader& wire) {
  put_rest_of_message(wire);
  if (place_ == Place::in_log) place_ = Place::before_start;
  paused_ = true;
  skipped_from_ms_.reset();
}

void Player::put_rest_of_message(log::WireReader& wire) {
  if (place_ != Place::in_log) return;
  Slice rest = wire.rest_of_message(offset_);
  offset_ += rest.size();
  put(std::move(rest));
}

void Player::find_start(const log::WireReader& wire) {
  // The rest of an earlier message goes first; by then there may be a newer start. Only at the beginning
  // everything goes together: head, headers, media.
  if (headers_version_ != 0 && !own_.empty()) return;
  const log::WireStart* start = choose_start(wire);
  if (start == nullptr) return;
  place_ = Place::in_log;
  offset_ = start->offset;
  if (skipped_from_ms_)
    on_skipped(
        std::chrono::milliseconds(std::max<std::int64_t>(wire.timestamp_at(offset_) - *skipped_from_ms_, 0)));
  skipped_from_ms_.reset();
  if (headers_version_ == 0) on_first_media();
  const bool has_headers = headers_version_ == start->headers->version;
  if (has_headers && start->other_key_frames.empty()) return;
  log::WirePrelude prelude = log::prelude(wire.encoder(), *start);
  if (!has_headers) {
    put(std::move(prelude.metadata));
    put(std::move(prelude.codecs));
  }
  put(std::move(prelude.key_frames));
  headers_version_ = start->headers->version;
}

// Skip to a key frame, never one frame: losing a reference frame corrupts the picture until
// the next key frame; a jump costs at most one GOP.
bool Player::catch_up(log::WireReader& wire, log::WireOffset lag_limit) {
  if (place_ != Place::in_log || (offset_ >= wire.tail() && offset_ >= lag_limit)) return false;
  if (offset_ >= wire.tail()) {
    const log::WireStart* start = wire.newest_start();
    if (start == nullptr || start->offset <= offset_) return false;
  }
  skipped_from_ms_ = wire.timestamp_at(offset_);
  put_rest_of_message(wire);
  place_ = Place::before_start;
  ++counters_.jumps;
  return true;
}

std::size_t Player::gather(const log::WireReader& wire, iovec* pieces, std::size_t max) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < own_.size() && count < max; ++i) {
    const std::size_t skipped = i == 0 ? own_sent_ : 0;
    pieces[count++] = {const_cast<std::uint8_t*>(own_[i].data()) + skipped, own_[i].size() - skipped};
  }
  if (place_ == Place::in_log) count += wire.gather(offset_, pieces + count, max - count);
  return count;
}

void Player::send(const log::WireReader& wire) {
  net::Transport& to = transport();
  while (!gone_ && !waiting_) {
    if (place_ == Place::before_start && !paused_ && !finishing_) find_start(wire);
    iovec pieces[max_pieces];
    const std::size_t count = gather(wire, pieces, max_pieces);
    if (count == 0 && !to.holds_unsent()) break;
    const ssize_t sent = to.send({pieces, count});
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      wire_ = &wire;
      return wait_for_room(to);
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

void Player::wait_for_room(net::Transport& transport) {
  waiting_ = true;
  if (blocked_since_ == Clock::TimePoint{}) blocked_since_ = clock_.steady();
  transport.wait(net::Transport::Ready::writable,
                 {shared_from_this(), [](void* player, const asio::error_code& error) {
                    static_cast<Player*>(player)->on_writable(error);
                  }});
}

void Player::on_writable(const asio::error_code& error) {
  waiting_ = false;
  if (!error && !gone_) send(*wire_);
  on_room();
}

void Player::finish(const log::WireReader& wire, Slice last_bytes) {
  if (gone_ || finishing_) return;
  finishing_ = true;
  // The log ends with the stream: its rest becomes the player's own bytes.
  while (place_ == Place::in_log && offset_ < wire.head()) {
    Slice rest = wire.next_slice(offset_);
    offset_ += rest.size();
    put(std::move(rest));
  }
  place_ = Place::after_end;
  put(last_words(std::move(last_bytes), wire.newest_ms()));
  send(wire);
}

void Player::finish_sending() {
  transport().shut_sending();
  drop({});
}

void Player::drop(const std::string& why) {
  if (gone_) return;
  gone_ = true;
  own_ = {};
  on_gone(why);
}

std::chrono::steady_clock::duration Player::stalled_for(Clock::TimePoint now) const {
  return blocked_since_ == Clock::TimePoint{} ? std::chrono::steady_clock::duration::zero()
                                              : now - blocked_since_;
}

std::chrono::milliseconds Player::lag(const log::WireReader& wire) const {
  if (place_ == Place::before_start && skipped_from_ms_)
    return std::chrono::milliseconds(wire.newest_ms() - *skipped_from_ms_);
  if (place_ != Place::in_log || offset_ >= wire.head()) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(wire.newest_ms() - wire.timestamp_at(offset_));
}

}  // namespace srs::relay
