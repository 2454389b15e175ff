// FloorServer: one thread of the floor. The least that can be done to send one stream to many players.
//
// A timer wakes it when bytes are to go out; then each player gets one non-blocking gathered send of what
// is new to it, straight from the prepared bytes. A player is a socket and an offset. One whose socket is
// full goes on when epoll says that there is room. Nothing else happens: no publisher, no log that is
// written while it is read, no time-outs. A player that is half a turn of the file behind is cut off.
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

// When bytes go out, as srs-relay's --flush says it.
struct FlushRule {
  enum Kind { each_message, automatic, interval } kind = automatic;
  std::chrono::milliseconds time{40};  // that the oldest message may wait
};

class FloorServer {
 public:
  // Owns the listening socket. `epoch`: when the first message is due, for all threads alike.
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
    std::unique_ptr<PlayerDialogue> dialogue;  // none: it plays
    std::vector<std::uint8_t> own;             // replies and prelude that are not sent yet
    std::uint64_t offset = 0;                  // of the stream's bytes, over all turns
    bool full = false;                         // its socket takes no more
  };

  Clock::time_point due(std::size_t position) const;
  Clock::time_point next_flush() const;
  void set_timer();
  void flush(Clock::time_point now);
  void take_due(Clock::time_point now);
  void accept_players();
  void handle(Player& player, std::uint32_t events);
  // These two are false if the player is gone.
  bool receive(Player& player);
  bool send(Player& player);
  int gather(const Player& player, iovec* pieces) const;
  void remove(Player& player);
  void watch(int fd, std::uint32_t events, void* whom);

  PreparedStream stream_;
  const Wire wire_;
  const FlushRule flush_;
  const int listener_;
  const Clock::time_point epoch_;
  const bench::UtcMicroseconds utc_epoch_;
  int epoll_;
  int timer_;
  std::size_t position_ = 0;        // the message that falls due next
  std::int64_t turn_start_ms_ = 0;  // of its turn
  std::uint64_t head_ = 0;          // all bytes before it may be sent
  std::uint64_t newest_start_ = 0;  // the newest key frame before head_
  std::vector<std::unique_ptr<Player>> players_;
  std::uint64_t sends_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::size_t cut_off_ = 0;
};

}  // namespace srs::bench_floor
