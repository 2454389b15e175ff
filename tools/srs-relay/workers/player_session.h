// PlayerSession: a connection that has become a player of a stream, until it is closed.
//
// Input is read in turns, so that no peer keeps the thread. A peer that asks and does not read is not read
// from until it has taken its replies.
//
// It lives in the handlers that wait on its transport and in the fan-out of its stream. It has no
// coroutine: what an idle player holds is multiplied by thousands.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "gate/gate.h"
#include "net/timer.h"
#include "srs-relay/streams/player.h"
#include "srs-relay/streams/resume.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class PlayerSession : public Player {
 public:
  // name: of the peer, for logs. The worker must outlive the session.
  PlayerSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name, const cli::Log& log);

  // When its request came. Default: when the session was made.
  void set_asked_at(Clock::TimePoint time) { since_ = time; }

  // Begins where a relay goes on, if the stream has that timeline and keeps that time.
  void set_resume(const std::optional<Resume>& resume);

  // Once it has started: it is dropped when its right ends. The gate must outlive the session.
  void hold_right(gate::Gate& gate, access::Question question, hooks::Client client,
                  const access::Grant& grant);

  // Joins the stream and stays.
  void start(const FoundStream& found, const LastBytes& last_bytes);

 protected:
  enum class Input : std::uint8_t {
    quiet,  // that was all, until the transport can be read again
    more,   // there is more: another turn is needed
    gone,   // the peer is gone or done
  };
  // The transport is readable: reads and handles what it has, for one turn.
  virtual Input read_input() = 0;
  // Whether input may have been read before start(): the transport does not signal that.
  virtual bool may_have_read_ahead() const { return false; }
  // It was cut off. why: never empty.
  virtual void on_dropped(const std::string& why);
  // It has left its stream, and its transport is closed.
  virtual void on_closed() {}
  // Ends it as the end of its stream would.
  void end_early();
  bool joined() const { return fanout_ != nullptr; }
  // While it is joined.
  log::WireReader& wire() const { return fanout_->reader(); }
  const std::string& name() const { return name_; }
  const std::string& path() const;  // of its stream

 private:
  const log::WireStart* choose_start(const log::WireReader& wire) override;
  std::string id() const final;
  void describe(ClientInfo& info) const final;
  // "rtmp", "http-flv"; over TLS "rtmps", "https-flv"
  virtual const char* protocol() const = 0;
  void on_first_media() final;
  void on_skipped(std::chrono::milliseconds time) final;
  void watch();
  void on_readable(const asio::error_code& error);
  void run_turn();
  void run_turn_soon();
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
  Clock::TimePoint since_;
  std::unique_ptr<const Resume> resume_;  // until it has begun
  gate::Right right_;                     // to play
  const cli::Log& log_;
  std::unique_ptr<net::Timer> closing_;  // after its last byte
  bool input_paused_ = false;            // it asks and does not read: its input waits
  bool cut_off_ = false;
};

}  // namespace srs::relay
