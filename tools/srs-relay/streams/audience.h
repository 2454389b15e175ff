// Audience: the players of one stream on one worker, in all formats.
//
// A stream has one for each worker from its beginning, so that its input reaches them without a look-up.
// Belongs to the worker's thread, except for what WakeList and players() need.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <optional>

#include "srs-relay/streams/client_info.h"
#include "srs-relay/streams/fanout.h"
#include "srs-relay/streams/first_frames.h"
#include "srs-relay/streams/flush_policy.h"
#include "srs-relay/streams/found_stream.h"

namespace srs::relay {

// Counts all players of a stream, including those that have left. Any thread.
struct StreamCounters {
  std::atomic<std::uint64_t> players{0};  // since the beginning
  std::atomic<std::uint64_t> jumps{0};
  std::atomic<std::uint64_t> stalled{0};  // closed for it
  FirstFrames first_frames;
};

class Audience {
 public:
  Audience(FlushPolicy flush, LagLimit lag_limit, StreamCounters& counters)
      : flush_(flush), lag_limit_(lag_limit), counters_(counters) {}
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  // Any thread. Servers that the stream is pushed to are members, but not players.
  std::size_t players() const { return players_.load(); }
  bool empty() const { return members_.load() == 0; }

  // Its stream in this format, if there was a player of it before.
  std::optional<FoundStream> known(const std::shared_ptr<Stream>& stream,
                                   const log::WireEncoder& encoder) const;
  Fanout& fanout(const FoundStream& found, const LastBytes& last_bytes);
  void add(Fanout& fanout, std::shared_ptr<Player> player);
  // Removes the fan-out with its last player.
  void remove(Fanout& fanout, const Player& player);

  // The input has something new.
  void on_woken();
  bool is_due() const;
  // Serves up to `max` due players. Returns how many it served.
  std::size_t send_some(std::size_t max);

  // Asks those whose protocol can say so to reconnect elsewhere.
  void ask_to_leave();
  // The stream is over.
  void finish(bool cut_short);
  void drop_stalled(Clock::TimePoint now, std::chrono::milliseconds patience);
  void drop_all();

  // Of its players, without pushes.
  struct Figures {
    std::uint64_t sent_bytes = 0;      // to those that have left, too: never goes down
    std::chrono::milliseconds lag{0};  // of the one that is furthest behind
  };
  Figures figures();
  // Adds what is known of each player.
  void describe(std::vector<ClientInfo>& clients);
  // Cuts this one off; false if it is not here.
  bool kick(const std::string& id);

 private:
  friend class WakeList;

  const FlushPolicy flush_;
  const LagLimit lag_limit_;
  StreamCounters& counters_;
  std::uint64_t left_sent_bytes_ = 0;  // to players that have left
  std::list<Fanout> fanouts_;
  std::atomic<std::size_t> members_{0};
  std::atomic<std::size_t> players_{0};

  // While it is in a WakeList: the stream that it is part of, and the next in the list.
  std::atomic<bool> woken_{false};
  std::shared_ptr<Stream> stream_;
  Audience* next_woken_ = nullptr;
};

}  // namespace srs::relay
