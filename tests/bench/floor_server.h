// FloorServer: one thread of the floor: the least work that sends one stream to many players.
//
// A timer wakes it when bytes are due; then each player gets one non-blocking gathered send of its new bytes,
// straight from the prepared ones. A player is a socket and an offset. One whose socket is full continues
// when epoll reports room. Nothing else happens: no publisher, no log written while it is read, no time-outs.
// A player that is half a turn of the file behind is disconnected.
#pragma once

#include <sys/epoll.h>
#include <sys/uio.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "player_dialogue.h"
#include "prepared_stream.h"

namespace srs::bench_floor {

using Clock = std::chrono::steady_clock;

// When bytes are sent: srs-relay's --flush.
struct FlushRule {
  enum Kind { each_message, automatic, interval } kind = automatic;
  std::chrono::milliseconds time{40};  // the longest wait of a message
};

class FloorServer {
 public:
  // Owns the listening socket. epoch: when the first message is due, the same for all threads.
  FloorServer(PreparedStream stream, Wire wire, FlushRule flush, int listener, Clock::time_point epoch);
  ~FloorServer();
  FloorServer(const FloorServer&) = delete;
  FloorServer& operator=(const FloorServer&) = delete;

  // Serves until `stop` is set.
  void run(const std::atomic<bool>& stop);

  std::uint64_t sends() const { return sends_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }
  std::size_t cut_off() const { return cut_off_; }

 private:
  struct Player {
    int fd = -1;
    std::size_t place = 0;                     // in players_
    std::unique_ptr<PlayerDialogue> dialogue;  // null: it plays
    std::vector<std::uint8_t> own;             // unsent replies and prelude
    std::uint64_t offset = 0;                  // in the stream's bytes, over all turns
    bool full = false;                         // its socket is full
  };

  Clock::time_point due(std::size_t position) const;
  Clock::time_point next_flush() const;
  void set_timer();
  void flush(Clock::time_point now);
  void stamp_due(Clock::time_point now);
  void accept_players();
  void handle(Player& player, std::uint32_t events);
  // These two return false if the player is gone.
  bool receive(Player& player);
  bool send(Player& player);
  int gather(const Player& player, iovec* pieces) const;
  void remove(Player& player);
  void watch(int fd, std::uint32_t events, void* target);

  PreparedStream stream_;
  const Wire wire_;
  const FlushRule flush_;
  const int listener_;
  const Clock::time_point epoch_;
  const bench::UtcMicroseconds utc_epoch_;
  int epoll_;
  int timer_;
  std::size_t position_ = 0;        // the message due next
  std::int64_t turn_start_ms_ = 0;  // of its turn
  std::uint64_t head_ = 0;          // all bytes before it may be sent
  std::uint64_t newest_start_ = 0;  // the newest key frame before head_
  std::vector<std::unique_ptr<Player>> players_;
  std::uint64_t sends_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::size_t cut_off_ = 0;
};

}  // namespace srs::bench_floor
