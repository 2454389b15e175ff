// ClientSession: the client's side of one RTMP connection, from connecting to the media that it plays
// or publishes.
//
//   rtmp::ClientSession session(executor);
//   auto playing = co_await session.play(url, 15s);
//   while (...) auto message = co_await session.read_media(10s);     // nothing: the stream ended
//
//   auto publishing = co_await session.publish(url, 10s);
//   while (...) auto written = co_await session.write_media(messages);
//   co_await session.close();
//
// The path of the URL is app and stream name ("/live/cam1": "live" and "cam1"; the last component is the
// name), its query goes with the name. Belongs to one coroutine at a time. What the server does wrong or
// refuses is an Error whose message holds the server's code and description.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/result.h"
#include "net/url.h"
#include "rtmp/message.h"

namespace srs::rtmp {

class Connection;
class MediaReader;
struct Command;

class ClientSession {
 public:
  explicit ClientSession(asio::any_io_executor executor);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // Connects and asks for the stream; returns once the server started it. A server may hold a player
  // of a stream that is not there yet: SRS does for 10 s, so allow more. Errors: not_found (no such
  // host or stream), refused, timed_out, closed, invalid_data.
  asio::awaitable<Result<void>> play(net::Url url, std::chrono::milliseconds timeout);
  // The next message; nothing at the end of the stream. Errors: closed (the connection broke),
  // timed_out (nothing came for this long), refused (the server took the stream away).
  asio::awaitable<Result<std::optional<MediaMessage>>> read_media(std::chrono::milliseconds timeout);

  // Errors: refused (the name is taken, the key is wrong, ...), and as of play().
  asio::awaitable<Result<void>> publish(net::Url url, std::chrono::milliseconds timeout);
  // Sends all of them in few writes; metadata gets its "@setDataFrame". Waits while the server takes no more,
  // for `timeout` at most.
  asio::awaitable<Result<void>> write_media(std::span<const MediaMessage> messages,
                                            std::chrono::milliseconds timeout = std::chrono::seconds(10));

  // Ends the stream properly, so that the server sees an end and not a loss, and closes the socket.
  asio::awaitable<void> close();

  // Where the server wants us to go instead (NetConnection.Connect.ReconnectRequest), in its own
  // words: a tcUrl, "" if it meant the same place. Nothing as long as it did not ask.
  const std::optional<std::string>& reconnect_request() const { return reconnect_request_; }
  // Of the socket, since the start.
  std::uint64_t received_bytes() const;
  // Unconnected before play() or publish(). Closing it ends whatever is waited for.
  asio::ip::tcp::socket& socket();

 private:
  enum class Role { player, publisher };

  asio::awaitable<Result<void>> open(net::Url url, Role role, std::chrono::steady_clock::time_point deadline);
  asio::awaitable<Result<void>> connect_socket(net::Url url, std::chrono::steady_clock::time_point deadline);
  asio::awaitable<Result<void>> shake_hands(std::chrono::steady_clock::time_point deadline);
  // Sends nothing; reads until the answer to this transaction has come.
  asio::awaitable<Result<Command>> read_result(double transaction_id, std::chrono::steady_clock::time_point deadline);
  // Reads until onStatus says that the stream started, or its media comes.
  asio::awaitable<Result<void>> read_start(std::string code, std::chrono::steady_clock::time_point deadline);
  // What any message does to the session while media flows.
  Result<void> take(const Message& message);
  Result<void> take_status(const Command& command);

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<MediaReader> media_;
  std::optional<std::string> reconnect_request_;
  std::string stream_name_;
  std::uint32_t message_stream_id_ = 0;
  std::string started_code_;
  Role role_ = Role::player;
  bool ended_ = false;
};

}  // namespace srs::rtmp
