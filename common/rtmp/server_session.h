// ServerSession: the server's side of one RTMP connection, from the handshake to a publisher's media
// or a player's requests.
//
//   rtmp::ServerSession session(std::move(socket));
//   auto request = co_await session.accept();
//   if (request->kind == Request::publish) {
//     co_await session.start_publish();
//     while (...) auto message = co_await session.read_media(10s);
//   } else {
//     co_await session.start_play();  // from here on the caller writes wire bytes to socket()
//     // Whenever the socket can be read, or more input waits:
//     session.begin_turn();
//     while (...) auto event = session.poll_player_event();
//   }
//
// Belongs to one coroutine at a time. Everything a peer does wrong is an Error. A peer that does not publish
// holds at most 64 KiB of messages that are not whole; what it is to be told waits up to 64 KiB, and it is
// not listened to until it has taken it.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "net/admission.h"
#include "net/url.h"
#include "rtmp/connection.h"
#include "rtmp/media_reader.h"

namespace srs::rtmp {

struct Request {
  enum Kind { publish, play } kind = play;
  std::string
      path;  // "live/cam1": app and stream name, without their queries. NOT checked: see parse_stream_path
  std::string query;  // "token=x": of the stream name, the app and tcUrl, joined with '&'; at most 8 KiB
  std::string app;
  std::string flash_version;   // what the peer calls itself, printable: "FMLE/3.0 (compatible; ...)"
  std::string remote_address;  // "10.0.0.7:50123"
  // Of another relay, see media::StreamInfo: properties of the connect object; via may be in the query, too.
  // Names of letters and signs, without spaces; timeline of at most 256 bytes.
  std::string via, timeline;
};

struct PlayerEvent {
  enum Kind { none, pause, resume } kind = none;
  // To be sent at the next message boundary; may be empty. A pause takes effect before it.
  std::vector<std::uint8_t> reply;
};

class ServerSession {
 public:
  // The time from the start to the publish or play command.
  static constexpr std::chrono::seconds setup_time{10};

  // budget: of the process, for unfinished messages; null: none. Keeps the ticket as long as it lives.
  explicit ServerSession(asio::ip::tcp::socket socket, std::shared_ptr<MessageBudget> budget = nullptr,
                         net::Ticket ticket = {});

  asio::awaitable<Result<Request>> accept();

  asio::awaitable<Result<void>> start_publish();
  // The next message; nothing once the publisher ended its stream. Errors: closed (the connection
  // broke), timed_out (nothing came for this long), invalid_data.
  asio::awaitable<Result<std::optional<MediaMessage>>> read_media(std::chrono::milliseconds timeout);

  // Says no: "NetStream.Publish.BadName", "NetStream.Play.StreamNotFound", ... Then close the socket.
  asio::awaitable<void> refuse(std::string code, std::string description);

  // Sends a player to another URL (RTMP 302). Then close the socket.
  asio::awaitable<void> redirect(net::Url target);

  // After the last word: lets the peer close first, for a second at most.
  asio::awaitable<void> part();

  // Says why and closes, from outside of the session's coroutine, without waiting: what the socket does
  // not take at once is lost.
  void cut_off(std::string_view code, std::string_view description);

  // via, timeline: told to a player that is a relay, see media::StreamInfo; others get neither.
  asio::awaitable<Result<void>> start_play(std::string via = {}, std::string timeline = {});
  // What the player wants, if it has said something; does not wait. Nothing, too, when the turn that
  // begin_turn() began is over: see Connection. An error once it is gone or done (Errc::closed).
  Result<std::optional<PlayerEvent>> poll_player_event();
  void begin_turn() { connection_.begin_turn(); }
  // Another turn is needed, whether the socket can be read or not.
  bool has_more_input() const { return connection_.has_more(); }
  // Whether the peer understands reconnect_request() (Enhanced RTMP, capsEx).
  bool can_reconnect() const { return can_reconnect_; }
  // Asks the peer to connect again and to leave us then: Enhanced RTMP, "Reconnect Request". To be sent at a
  // message boundary.
  static std::vector<std::uint8_t> reconnect_request();
  // The same, sent by read_media() with whatever it says next.
  void ask_to_reconnect() { connection_.outbox().raw(reconnect_request()); }
  // What a player gets at the end of its stream.
  static std::vector<std::uint8_t> play_end();

  // Moves the connection to the io_context of another thread. Between two calls; nothing may be pending.
  void move_to(const asio::any_io_executor& executor) { connection_.move_to(executor); }

  asio::ip::tcp::socket& socket() { return connection_.socket(); }
  const std::string& remote_address() const { return remote_address_; }
  // Metadata and data of a publisher that were too large to be passed on.
  std::uint64_t left_out() const { return media_.left_out(); }

 private:
  asio::awaitable<Result<void>> shake_hands(Deadline deadline);
  // True once the command was publish or play.
  Result<bool> take_setup_command(const Command& command);
  void answer_connect(const Command& command);
  void take_connect(const amf::Value& connect);
  void take_stream_name(Request::Kind kind, std::string_view name);
  Result<void> check_request() const;
  void answer_publisher(const Command& command);
  bool answer_common(const Command& command);
  PlayerEvent::Kind answer_player(const Command& command);

  const net::Ticket ticket_;
  Connection connection_;
  MediaReader media_;
  // What each player holds is multiplied by thousands: the request goes once it is made.
  std::unique_ptr<Request> request_ = std::make_unique<Request>();
  std::string path_, remote_address_;
  bool connected_ = false;  // it has said "connect"
  bool ended_ = false;
  bool can_reconnect_ = false;
};

}  // namespace srs::rtmp
