// PushSession: a server that our stream is pushed to, once the connection stands. It is served like a player
// of the stream: an offset in the wire log of its format, so a slow one skips to the newest key frame and a
// stalled one is cut off, and neither is felt by anybody else.
//
// Belongs to its worker's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "player_session.h"
#include "rtmp/client_session.h"

namespace srs::relay {

class PushSession : public PlayerSession {
 public:
  // name: of the destination, for people. client: has published.
  PushSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name, rtmp::ClientSession client,
              const cli::Log& log)
      : PlayerSession(worker, std::move(stream), std::move(name), log), client_(std::move(client)) {}

  // Called once, when the connection is closed, or the server asks us to connect again.
  std::function<void()> on_over;

  void start(const Hub::Found& found);
  // Ends the stream there, as if it were over.
  void finish_early() { end_early(); }
  bool over() const { return over_; }
  // Where the server wants us to go: a tcUrl, "" for the same place; nothing if it did not ask.
  const std::optional<std::string>& reconnect_request() const { return client_.reconnect_request(); }
  // Why it is over; empty if we ended it.
  const Error& why() const { return why_; }
  std::chrono::milliseconds lag_now() const { return joined() ? lag(wire()) : std::chrono::milliseconds(0); }

 private:
  asio::ip::tcp::socket& socket() override { return client_.socket(); }
  bool is_push() const override { return true; }
  const char* protocol() const override { return "rtmp"; }
  ssize_t transmit(const msghdr& message) override;
  bool holds_unsent() override;
  void shut_sending() override { client_.connection().shut_sending(); }
  const media::WireStart* choose_start(const media::WireReader& wire) override;
  Slice last_words(Slice) override { return Slice::copy_of(client_.farewell()); }
  bool may_have_read_ahead() const override { return true; }
  Input take_input() override;
  void tell_dropped(const std::string& why) override { why_ = {Errc::closed, why}; }
  void on_closed() override;
  void tell_over();

  rtmp::ClientSession client_;
  Error why_{Errc::closed, {}};
  bool over_ = false;
  bool begun_ = false;
};

}  // namespace srs::relay
