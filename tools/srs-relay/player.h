// Player: a socket and an offset into a wire log. That is all a player is.
//
// What it is sent is in the wire log; beside its offset it holds only the few bytes that are its own:
// the answer's head, the prelude of its start, the rest of a message that the log let go of, replies to
// what it asked. It belongs to the Fanout of its stream and format and to one thread.
#pragma once

#include <sys/socket.h>

#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client_info.h"
#include "core/slice.h"
#include "media/wire_reader.h"

namespace srs::relay {

class Player : public std::enable_shared_from_this<Player> {
 public:
  using Clock = std::chrono::steady_clock;

  struct Counters {
    std::uint64_t sent_bytes = 0;
    std::uint32_t jumps = 0;  // to a newer key frame, because it fell behind
  };

  virtual ~Player() = default;
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // Bytes of its own, sent before anything of the log: the answer's head.
  void put(Slice bytes);
  // A reply to its request, sent at the next message boundary.
  void reply(media::WireReader& wire, Slice bytes);

  // Stops after the current message.
  void pause(media::WireReader& wire);
  // Goes on at the newest key frame.
  void resume() { paused_ = false; }

  // What waits here for the socket to take it, beside the log: replies, the rest of a message, headers.
  std::size_t own_bytes() const;

  // Behind the log's tail, or behind `lag_limit` with a newer key frame to go on at, it finishes its
  // message and jumps. True if it did.
  bool catch_up(media::WireReader& wire, media::WireOffset lag_limit);
  // Sends as much as the socket takes. Waits for the socket by itself when it is full.
  void send(const media::WireReader& wire);

  // No more media comes: what is left is sent, then `last_bytes`, then the sending side is shut.
  void finish(const media::WireReader& wire, Slice last_bytes);

  // Sends `request`, to connect again elsewhere, to a player that understands it.
  virtual void ask_to_leave(media::WireReader&, const Slice& /*request*/) {}

  // Cuts the player off. why: empty if there is nothing to tell.
  void drop(const std::string& why);

  bool finished() const { return finishing_; }
  bool gone() const { return gone_; }
  // How long bytes have waited without the player taking any; zero if nothing waits.
  Clock::duration stalled_for(Clock::time_point now) const;
  const Counters& counters() const { return counters_; }
  // How far what it is sent next is behind the newest; 0 while it waits for a key frame.
  std::chrono::milliseconds lag(const media::WireReader& wire) const;
  // Whether it is no player at all but another server that our stream is sent to: it is served like one, but
  // not counted as one.
  virtual bool is_push() const { return false; }
  // Its name among the clients of this process; empty: it is shown as no client.
  virtual std::string id() const { return {}; }
  // Adds what only the connection knows.
  virtual void describe(ClientInfo&) const {}

 protected:
  Player() = default;

  virtual asio::ip::tcp::socket& socket() = 0;
  // How its bytes go out: as by sendmsg(2), with errno. With no bytes it only moves on what it holds.
  virtual ssize_t transmit(const msghdr& message);
  // Whether bytes that transmit() took are still held here, and not in the socket.
  virtual bool holds_unsent() { return false; }
  virtual void shut_sending();
  // Where it begins, or goes on behind a skip; null if there is no place yet.
  virtual const media::WireStart* choose_start(const media::WireReader& wire) { return wire.newest_start(); }
  // What it is sent at last: as all of its stream and format, or something of its own.
  virtual Slice last_words(Slice shared) { return shared; }
  // Its first media is about to be sent.
  virtual void on_first_media() {}
  // The socket had room again, and was given what there is.
  virtual void on_room() {}
  // Once: the player cannot be sent any more. Its socket should be closed, but not from in here.
  virtual void on_gone(const std::string& why) = 0;

 private:
  enum class Place : std::uint8_t {
    before_start,  // waits for a key frame
    in_log,        // at offset_
    after_end,     // nothing of the log is left to send
  };

  void put_rest_of_message(media::WireReader& wire);
  void find_start(const media::WireReader& wire);
  std::size_t gather(const media::WireReader& wire, iovec* pieces, std::size_t max_pieces) const;
  void advance(std::size_t sent_bytes);
  void wait_for_room();
  void finish_sending();

  std::vector<Slice> own_;    // sent before the log's bytes
  std::size_t own_sent_ = 0;  // bytes of own_.front() that are sent
  media::WireOffset offset_ = 0;
  const media::WireReader* wire_ = nullptr;  // while it waits for room
  std::uint32_t headers_version_ = 0;        // 0: it has not been sent any
  Place place_ = Place::before_start;
  bool paused_ = false;
  bool waiting_ = false;  // for room in the socket
  bool finishing_ = false;
  bool gone_ = false;
  Clock::time_point blocked_since_{};
  Counters counters_;
};

}  // namespace srs::relay
