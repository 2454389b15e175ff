// ClientSession: the client side of one RTMP connection, which plays or publishes one stream.
//
//   auto session = co_await rtmp::ClientSession::connect(url, 10s);
//   co_await session->play(10s);
//   while (auto message = co_await session->read_media(10s); message && *message) ...
//
// The URL is rtmp://[USER:PASSWORD@]HOST[:PORT]/APP/STREAM[?QUERY] or rtmps://...: the last component of the
// path is the stream. User and password answer a server that asks for authentication (rtmp/auth.h). Used by
// one coroutine at a time.
//
// A server is trusted as little as a client: its texts are truncated on arrival; at most 64 KiB of answers
// wait for it, and its input is not read until it has received them.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/result.h"
#include "net/url.h"
#include "rtmp/connection.h"
#include "rtmp/media_reader.h"

namespace srs::rtmp {

// via, timeline: what a relay says about the stream it publishes, see media::StreamInfo.
struct ConnectOptions {
  std::string via;  // with its own id; empty: not a relay
  std::string timeline;
  // The address and port to connect to instead of the URL's ("192.0.2.7:1935", "[2001:db8::7]:1935"); may be
  // empty.
  std::string connect_to;
  // Receives the URL that a refusing server redirects to (RTMP 302). May be null; open_player() follows it.
  std::shared_ptr<std::string> redirect;
  std::shared_ptr<MessageBudget> budget;  // the process's, for unfinished messages; null: none
  // Whom to trust for rtmps://; null: the system's authorities.
  std::shared_ptr<const net::TlsContext> tls{};
};

class ClientSession {
 public:
  // Resolves, connects, shakes hands and waits for the answer to "connect"; up to three times if the server
  // asks for user and password. Errors: usage for a user name that cannot be sent; unsupported, in our own
  // words, if the server does not accept user and password.
  static asio::awaitable<Result<ClientSession>> connect(net::Url url, std::chrono::milliseconds timeout,
                                                        ConnectOptions options);
  static asio::awaitable<Result<ClientSession>> connect(net::Url url, std::chrono::milliseconds timeout) {
    return connect(std::move(url), timeout, ConnectOptions());
  }

  // Requests the stream. Returns once the server announces it or sends media. Errors: not_found, refused
  // (with the server's code and description).
  asio::awaitable<Result<void>> play(std::chrono::milliseconds timeout);
  // The next message; nothing at the end of the stream.
  asio::awaitable<Result<std::optional<MediaMessage>>> read_media(std::chrono::milliseconds timeout);

  // Errors: refused (NetStream.Publish.BadName, ...).
  asio::awaitable<Result<void>> publish(std::chrono::milliseconds timeout);
  // Sends the messages in one write; metadata gets its "@setDataFrame". Fails once the server refuses the
  // stream.
  asio::awaitable<Result<void>> write_media(std::span<const MediaMessage> messages,
                                            std::chrono::milliseconds timeout);

  // For publishers that write to the socket themselves: handles the server's input for one turn, without
  // waiting, and returns the bytes to send at the next message boundary (may be empty). Fails once the server
  // refuses the stream or is gone.
  Result<std::vector<std::uint8_t>> poll_publishing();
  // Whether another turn is needed even if the socket is not readable.
  bool has_more_input() const { return connection_.has_more(); }
  // The last bytes of a publisher.
  std::vector<std::uint8_t> farewell();
  // The message stream id that the server assigned.
  std::uint32_t stream_id() const { return stream_id_; }
  Connection& connection() { return connection_; }

  // Ends the stream properly and closes; waits up to 2 s for the server to receive everything.
  asio::awaitable<void> close();

  // Whether the server is one of ours and accepts our own script tags.
  bool accepts_annotations() const { return accepts_annotations_; }
  // What one of our servers said about the stream it plays: see media::StreamInfo.
  const std::string& via() const { return via_; }
  const std::string& timeline() const { return timeline_; }
  // The tcUrl that the server asks us to reconnect to (Enhanced RTMP,
  // NetConnection.Connect.ReconnectRequest); "": the same one. Nothing if it has not asked.
  const std::optional<std::string>& reconnect_request() const { return reconnect_request_; }

  net::Socket& socket() { return connection_.socket(); }
  // Metadata and data messages dropped as too large.
  std::uint64_t left_out() const { return media_.left_out(); }
  // Bytes received since the handshake.
  std::uint64_t received_bytes() const { return connection_.received_bytes(); }

 private:
  // One connection of connect(): what follows the app's name, and the server's reason if it refuses.
  struct Attempt {
    std::string app_query;
    std::shared_ptr<std::string> refusal = std::make_shared<std::string>();
  };

  static asio::awaitable<Result<ClientSession>> connect_once(net::Url url, Deadline deadline,
                                                             ConnectOptions options, Attempt attempt);
  ClientSession(asio::ip::tcp::socket socket, const net::Url& url, std::shared_ptr<MessageBudget> budget);

  asio::awaitable<Result<void>> shake_hands(Deadline deadline);
  asio::awaitable<Result<void>> send_connect(ConnectOptions options, Attempt attempt, Deadline deadline);
  asio::awaitable<Result<void>> create_stream(Deadline deadline);
  // The answer to a transaction; media that arrives meanwhile is kept.
  asio::awaitable<Result<Command>> wait_for_result(double transaction_id, Deadline deadline);
  // Waits for the onStatus with this code; an error if one of level "error" comes first.
  asio::awaitable<Result<void>> wait_for_status(std::string_view wanted_code, Deadline deadline);
  // otherwise: the words if the information has no code.
  static Error refusal(const amf::Value& information, std::string_view otherwise);
  void note_redirect(const amf::Value& information);
  Result<void> process_turn();
  Result<void> on_status(const Command& command);
  Result<void> on_message(const Message& message);

  Connection connection_;
  MediaReader media_;
  std::string tc_url_, app_, stream_;
  std::optional<std::string> reconnect_request_;
  std::shared_ptr<std::string> redirect_;
  double next_transaction_ = 1;
  std::uint32_t stream_id_ = media_stream_id;
  bool publishing_ = false;
  bool playing_ = false;  // "play" has been sent
  bool accepts_annotations_ = false;
  std::string via_, timeline_;
  bool ended_ = false;
};

// Connects and plays; follows up to five redirects (RTMP 302). connect_to applies only to the URL given here.
// Errors: as of connect() and play().
asio::awaitable<Result<ClientSession>> open_player(net::Url url, std::chrono::milliseconds timeout,
                                                   ConnectOptions options);
// Not a default argument: g++ 12 destroys such temporaries twice in a co_await expression.
inline asio::awaitable<Result<ClientSession>> open_player(net::Url url, std::chrono::milliseconds timeout) {
  return open_player(std::move(url), timeout, ConnectOptions());
}

}  // namespace srs::rtmp
