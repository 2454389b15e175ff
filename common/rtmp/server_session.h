// ServerSession: the server side of one RTMP connection, from the handshake to a publisher's media or a
// player's requests.
//
//   rtmp::ServerSession session(std::move(socket));
//   auto request = co_await session.accept();
//   if (request->kind == Request::publish) {
//     co_await session.start_publish();
//     while (...) auto message = co_await session.read_media(10s);
//   } else {
//     co_await session.start_play();  // from here on the caller writes wire bytes to socket()
//     // Whenever the socket is readable, or more input waits:
//     session.begin_turn();
//     while (...) auto event = session.poll_player_event();
//   }
//
// Used by one coroutine at a time. Whatever a peer does wrong is an Error. A peer that does not publish may
// hold at most 64 KiB of unfinished messages. At most 64 KiB of answers wait for it, and its input is not
// read until it has received them.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "access/question.h"
#include "core/result.h"
#include "net/admission.h"
#include "net/url.h"
#include "rtmp/connection.h"
#include "rtmp/media_reader.h"

namespace srs::rtmp {

struct Request {
  enum Kind { publish, play } kind = play;
  std::string path;   // "live/cam1": app and stream name, without queries. NOT checked: see parse_stream_path
  std::string query;  // "token=x": of stream name, app and tcUrl, joined with '&'; at most 8 KiB
  std::string app;
  std::string tc_url, page_url;  // of the connect object, made printable; at most 256 bytes
  std::string flash_version;     // the peer's own, made printable: "FMLE/3.0 (compatible; ...)"
  bool encrypted = false;        // it came over TLS
  std::string remote_address;    // "10.0.0.7:50123"
  // Of another relay, see media::StreamInfo: properties of the connect object; via may also be in the query.
  // Printable ASCII without spaces; timeline of at most 256 bytes.
  std::string via, timeline;
  access::Grant grant;  // once it is admitted: see admit.h
};

struct PlayerEvent {
  enum Kind { none, pause, resume } kind = none;
  // Send it at the next message boundary; may be empty. A pause takes effect before it.
  std::vector<std::uint8_t> reply;
};

class ServerSession {
 public:
  // From the start to the publish or play command.
  static constexpr std::chrono::seconds setup_time{10};

  // budget: the process's, for unfinished messages; null: none. Holds the ticket for its lifetime.
  explicit ServerSession(net::Socket socket, std::shared_ptr<MessageBudget> budget = nullptr,
                         net::Ticket ticket = {});

  asio::awaitable<Result<Request>> accept();

  asio::awaitable<Result<void>> start_publish();
  // The next message; nothing once the publisher has ended its stream. Errors: closed (the connection broke),
  // timed_out (nothing arrived for this long), invalid_data.
  asio::awaitable<Result<std::optional<MediaMessage>>> read_media(std::chrono::milliseconds timeout);

  // Refuses with a code: "NetStream.Publish.BadName", "NetStream.Play.StreamNotFound", ... Then close the
  // socket.
  asio::awaitable<void> refuse(std::string code, std::string description);

  // Sends a player to another URL (RTMP 302). Then close the socket.
  asio::awaitable<void> redirect(net::Url target);

  // After the last message: lets the peer close first, for up to a second.
  asio::awaitable<void> linger();

  // Sends the reason and closes, from outside the session's coroutine, without waiting: what the socket does
  // not accept at once is lost.
  void cut_off(std::string_view code, std::string_view description);

  // via, timeline: sent to a player that is a relay, see media::StreamInfo; others get neither.
  asio::awaitable<Result<void>> start_play(std::string via = {}, std::string timeline = {});
  // The player's next request, without waiting. Nothing if there is none, or the turn is over: see
  // Connection. Errc::closed once the player is gone or has ended its stream.
  Result<std::optional<PlayerEvent>> poll_player_event();
  void begin_turn() { connection_.begin_turn(); }
  // Whether another turn is needed even if the socket is not readable.
  bool has_more_input() const { return connection_.has_more(); }
  // Whether the peer understands reconnect_request() (Enhanced RTMP, capsEx).
  bool can_reconnect() const { return can_reconnect_; }
  // Asks the peer to connect anew and then leave this connection: Enhanced RTMP, "Reconnect Request". Send it
  // at a message boundary.
  static std::vector<std::uint8_t> reconnect_request();
  // The same, sent by read_media() with its next output.
  void ask_to_reconnect() { connection_.outbox().raw(reconnect_request()); }
  // What a player gets at the end of its stream.
  static std::vector<std::uint8_t> play_end();

  // Moves the connection to another thread's io_context. Nothing may be pending.
  void move_to(const asio::any_io_executor& executor) { connection_.move_to(executor); }
  void set_pacer(net::Pacer* pacer) { connection_.set_pacer(pacer); }

  net::Socket& socket() { return connection_.socket(); }
  const std::string& remote_address() const { return remote_address_; }
  std::uint64_t received_bytes() const { return connection_.received_bytes(); }
  // A publisher's metadata and data messages dropped as too large.
  std::uint64_t left_out() const { return media_.left_out(); }

 private:
  asio::awaitable<Result<void>> shake_hands(Deadline deadline);
  // True if the command was publish or play.
  Result<bool> on_setup_command(const Command& command);
  void answer_connect(const Command& command);
  void parse_connect(const amf::Value& connect);
  void parse_stream_name(Request::Kind kind, std::string_view name);
  Result<void> check_request() const;
  void answer_publisher(const Command& command);
  bool answer_common(const Command& command);
  PlayerEvent::Kind answer_player(const Command& command);

  const net::Ticket ticket_;
  Connection connection_;
  MediaReader media_;
  // Each player's memory is multiplied by thousands: the request is freed once returned.
  std::unique_ptr<Request> request_ = std::make_unique<Request>();
  std::string path_, remote_address_;
  bool connected_ = false;  // "connect" was received
  bool ended_ = false;
  bool can_reconnect_ = false;
};

}  // namespace srs::rtmp
