// Fanout: the players of one stream in one wire format, and the pass over them.
//
// flush() is the hot path: a plain loop that lets each player send what is new to it, straight
// from the wire log. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "media/wire_log.h"
#include "player.h"

namespace srs::relay {

class Fanout {
 public:
  explicit Fanout(media::WireLog& wire) : wire_(wire) {}

  media::WireLog& wire() { return wire_; }
  std::size_t size() const { return players_.size(); }

  // Adds a player and sends it what there is, from the newest key frame on.
  void add(std::shared_ptr<Player> player);
  void remove(const Player& player);

  void flush();
  void before_evict(media::WireLog::Offset tail);
  // Drops players that have taken nothing for this long.
  void drop_stalled(Player::Clock::time_point now, std::chrono::milliseconds patience);
  void drop_all();
  // The stream is over: each player is sent the rest, then last_bytes.
  void finish(const Slice& last_bytes);

 private:
  media::WireLog& wire_;
  std::vector<std::shared_ptr<Player>> players_;
};

}  // namespace srs::relay
