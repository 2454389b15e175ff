// PushSession: an established connection to a server that a stream is pushed to. It is served like a player
// of the stream: an offset in the wire log of its format. So a slow one skips to the newest key frame, a
// stalled one is cut off, and neither affects anybody else.
//
// Belongs to its worker's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rtmp/client_session.h"
#include "srs-relay/workers/player_session.h"

namespace srs::relay {

class PushSession : public PlayerSession {
 public:
  // name: of the destination, for logs. client: has published.
  PushSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name, rtmp::ClientSession client,
              const cli::Log& log);

  // Called once, when the connection is closed or the server asks us to reconnect.
  std::function<void()> on_over;

  void start(const FoundStream& found);
  // Ends the stream there, as if it were over.
  void finish_early() { end_early(); }
  bool over() const { return over_; }
  // Where the server asks us to reconnect: a tcUrl, or "" for the same place. None if it did not ask.
  const std::optional<std::string>& reconnect_request() const { return client_.reconnect_request(); }
  // Why it is over; empty if we ended it.
  const Error& why() const { return why_; }
  std::chrono::milliseconds lag_now() const { return joined() ? lag(wire()) : std::chrono::milliseconds(0); }

 private:
  net::Transport& transport() override { return transport_; }
  bool is_push() const override { return true; }
  const char* protocol() const override { return transport_.socket().has_tls() ? "rtmps" : "rtmp"; }
  const log::WireStart* choose_start(const log::WireReader& wire) override;
  Slice last_words(Slice, std::int64_t) override { return Slice::copy_of(client_.farewell()); }
  bool may_have_read_ahead() const override { return true; }
  Input read_input() override;
  void on_dropped(const std::string& why) override { why_ = {Errc::closed, why}; }
  void on_closed() override;
  void report_over();

  rtmp::ClientSession client_;
  net::TcpTransport transport_;  // over its connection
  Error why_{Errc::closed, {}};
  bool over_ = false;
  bool begun_ = false;
};

}  // namespace srs::relay
