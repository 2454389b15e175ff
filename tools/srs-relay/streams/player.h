// Player: a transport and an offset into a wire log. That is all a player is.
//
// What it is sent is in the wire log. Besides its offset it holds only a few bytes of its own: the response
// head, the prelude of its start, the rest of a message that the log has dropped, replies to its requests.
// It belongs to the Fanout of its stream and format, and to one thread.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/slice.h"
#include "log/wire_reader.h"
#include "net/transport.h"
#include "srs-relay/streams/client_info.h"

namespace srs::relay {

class Player : public std::enable_shared_from_this<Player> {
 public:
  struct Counters {
    std::uint64_t sent_bytes = 0;
    std::uint32_t jumps = 0;  // to a newer key frame, because it fell behind
  };

  virtual ~Player() = default;
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // Adds bytes of its own, which are sent before the log's.
  void put(Slice bytes);
  // Sends a reply to its request at the next message boundary.
  void reply(log::WireReader& wire, Slice bytes);

  // Stops after the current message.
  void pause(log::WireReader& wire);
  // Continues at the newest key frame.
  void resume() { paused_ = false; }

  // Size of its own bytes that are not sent yet: replies, the rest of a message, headers.
  std::size_t own_bytes() const;

  // If it is behind the log's tail, or behind `lag_limit` while there is a newer key frame: finishes its
  // message and jumps. Returns whether it did.
  bool catch_up(log::WireReader& wire, log::WireOffset lag_limit);
  // Sends as much as its transport takes, and the rest as soon as there is room again.
  void send(const log::WireReader& wire);

  // No more media comes: sends what is left, then `last_bytes`, then shuts the sending side.
  void finish(const log::WireReader& wire, Slice last_bytes);

  // Asks it to reconnect elsewhere, if its protocol can say so.
  virtual void ask_to_leave(log::WireReader&) {}

  // Cuts the player off. why: empty if there is nothing to report.
  void drop(const std::string& why);

  bool finished() const { return finishing_; }
  bool gone() const { return gone_; }
  // How long bytes have waited without any being taken; zero if none wait.
  std::chrono::steady_clock::duration stalled_for(Clock::TimePoint now) const;
  const Counters& counters() const { return counters_; }
  // How far its next message is behind the newest. While it waits for a key frame: zero at its beginning
  // and while paused; after a skip, counted from what it was sent last.
  std::chrono::milliseconds lag(const log::WireReader& wire) const;
  // Whether it is another server that the stream is pushed to: served like a player, but not counted as
  // one.
  virtual bool is_push() const { return false; }
  // Its id among the clients of this process; empty: it is not listed.
  virtual std::string id() const { return {}; }
  // Adds what only the connection knows.
  virtual void describe(ClientInfo&) const {}

 protected:
  // The clock must outlive the player.
  explicit Player(const Clock& clock) : clock_(clock) {}

  virtual net::Transport& transport() = 0;
  // Where it begins, or continues after a skip; null if there is no such place yet.
  virtual const log::WireStart* choose_start(const log::WireReader& wire) { return wire.newest_start(); }
  // Its last bytes: the ones of its stream and format, or its own. newest_ms: time of the stream's last
  // frame.
  virtual Slice last_words(Slice shared, std::int64_t /*newest_ms*/) { return shared; }
  // Its first media is about to be sent.
  virtual void on_first_media() {}
  // It was too slow and continues at a key frame that is so much later than what it was sent last.
  virtual void on_skipped(std::chrono::milliseconds) {}
  // The transport had room again, and has been given what there is.
  virtual void on_room() {}
  // Called once, when nothing more can be sent. Its transport should be closed, but not from in here.
  virtual void on_gone(const std::string& why) = 0;

 private:
  enum class Place : std::uint8_t {
    before_start,  // waits for a key frame
    in_log,        // at offset_
    after_end,     // nothing of the log is left to send
  };

  void put_rest_of_message(log::WireReader& wire);
  void find_start(const log::WireReader& wire);
  std::size_t gather(const log::WireReader& wire, iovec* pieces, std::size_t max_pieces) const;
  void advance(std::size_t sent_bytes);
  void wait_for_room(net::Transport& transport);
  void on_writable(const asio::error_code& error);
  void finish_sending();

  const Clock& clock_;
  std::vector<Slice> own_;    // sent before the log's bytes
  std::size_t own_sent_ = 0;  // bytes of own_.front() that are sent
  log::WireOffset offset_ = 0;
  const log::WireReader* wire_ = nullptr;        // while it waits for room
  std::uint32_t headers_version_ = 0;            // 0: it has not been sent any
  std::optional<std::int64_t> skipped_from_ms_;  // while it skips: the time of what it was sent last
  Place place_ = Place::before_start;
  bool paused_ = false;
  bool waiting_ = false;  // for room
  bool finishing_ = false;
  bool gone_ = false;
  Clock::TimePoint blocked_since_{};
  Counters counters_;
};

}  // namespace srs::relay
