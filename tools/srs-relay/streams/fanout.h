// Fanout: the players of one stream in one wire format on one thread, and the pass over them.
//
// send_some() is the hot path: a plain loop in which each player sends what is new to it, straight from the
// wire log. A pass over many players is made in parts, so that players that join, leave or were waiting for
// room get their turn in between. What is appended during a pass goes out with the sends still to come:
// under load sends grow larger, and nothing queues up.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "log/wire_reader.h"
#include "srs-relay/streams/player.h"

namespace srs::relay {

// How far a player may be behind before it jumps to the newest key frame; 0: as far as the log goes back.
struct LagLimit {
  std::uint64_t bytes = 0;
  std::chrono::milliseconds time{0};
};

// What players are sent after the last message of a stream.
struct LastBytes {
  Slice ended;      // that has ended
  Slice cut_short;  // that may go on elsewhere, since its source was lost or we are leaving
};

class Fanout {
 public:
  Fanout(std::shared_ptr<log::WireLog> wire, LastBytes last_bytes, LagLimit lag_limit)
      : wire_(std::move(wire)), reader_(*wire_), last_bytes_(std::move(last_bytes)), lag_limit_(lag_limit) {}

  const std::shared_ptr<log::WireLog>& wire() const { return wire_; }
  log::WireReader& reader() { return reader_; }
  const std::vector<std::shared_ptr<Player>>& players() const { return players_; }

  // Adds a player and sends it what there is, from the newest key frame on.
  void add(std::shared_ptr<Player> player);
  // False if it is not here.
  bool remove(const Player& player);

  // Makes all players due, or the next of `turns` equal shares of them.
  void all_are_due() { due_ = players_.size(); }
  void share_is_due(unsigned turns);
  std::size_t due() const { return due_; }
  // Its players are other servers: see Player::is_push().
  bool is_for_pushes() const { return !players_.empty() && players_.front()->is_push(); }
  // Serves up to `max` due players. Returns how many jumped.
  std::size_t send_some(std::size_t max);

  // The stream is over: each player is sent the rest, then the last bytes.
  void finish(bool cut_short);
  void finish(Player& player, bool cut_short);

 private:
  log::WireOffset lag_offset() const;
  void count_round();

  std::shared_ptr<log::WireLog> wire_;
  log::WireReader reader_;
  LastBytes last_bytes_;
  LagLimit lag_limit_;
  std::vector<std::shared_ptr<Player>> players_;
  std::size_t next_ = 0;   // whose turn it is; then the one behind it, around and around
  std::size_t due_ = 0;    // players from next_ on
  std::size_t share_ = 0;  // of a player, in parts of `turns`: carried over to the next share
  // Blocks are released once every player has had a turn since the tail moved.
  std::size_t round_left_ = 0;
  log::WireOffset round_tail_ = 0;
};

}  // namespace srs::relay
