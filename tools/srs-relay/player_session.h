// PlayerSession: a connection that has become a player of a stream, until it is closed.
//
// A player that asks much gets its turn and then waits for the others; one that asks and does not read is
// heard again once it has taken what waits for it.
//
// It lives in the handlers that wait on its socket and in the fan-out of its stream; no coroutine is left
// of its beginnings, since what each player holds while it waits is multiplied by thousands.
#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "cli/log.h"
#include "hub.h"
#include "player.h"

namespace srs::relay {

class PlayerSession : public Player {
 public:
  // name: of the peer, for people. The worker must outlive the session.
  PlayerSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name, const cli::Log& log);

  // When its request came; without it, when the session was made.
  void set_asked_at(Clock::time_point time) { since_ = time; }

  // Joins the stream and stays.
  void start(const Hub::Found& found, const LastBytes& last_bytes);

 protected:
  enum class Input : std::uint8_t {
    quiet,  // that was all, until the socket can be read again
    more,   // there is more: another turn is needed
    gone,   // the peer is gone or done
  };
  // The socket may be read: takes what it has, for one turn, so that no peer keeps the thread by talking.
  virtual Input take_input() = 0;
  // Whether input may have been read already when it starts: the socket will not tell.
  virtual bool may_have_read_ahead() const { return false; }
  // It was cut off. why: never empty.
  virtual void tell_dropped(const std::string& why);
  // It is out of its stream, and its socket is closed.
  virtual void on_closed() {}
  // Ends it as the end of its stream would.
  void end_early();
  bool joined() const { return fanout_ != nullptr; }
  // While it is joined.
  media::WireReader& wire() const { return fanout_->reader(); }
  const std::string& name() const { return name_; }

 private:
  std::string id() const final;
  void describe(ClientInfo& info) const final;
  // "rtmp", "http-flv"
  virtual const char* protocol() const = 0;
  void on_first_media() final;
  void watch();
  void take_turn();
  void take_turn_soon();
  void on_room() final;
  void on_gone(const std::string& why) final;
  void close_later();
  void close();
  std::shared_ptr<PlayerSession> self() {
    return std::static_pointer_cast<PlayerSession>(shared_from_this());
  }

  Worker& worker_;
  std::shared_ptr<Stream> stream_;
  Fanout* fanout_ = nullptr;  // until it is closed
  std::string name_;
  const std::uint32_t number_;  // among the worker's clients
  Clock::time_point since_ = Clock::now();
  const cli::Log& log_;
  std::unique_ptr<asio::steady_timer> closing_;  // after its last byte
  bool is_unheard_ = false;                      // it asks and does not read: its input waits
  bool cut_off_ = false;
};

}  // namespace srs::relay
