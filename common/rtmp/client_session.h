// ClientSession: the client's side of one RTMP connection, to play or to publish one stream.
//
//   auto session = co_await rtmp::ClientSession::connect(url, 10s);
//   co_await session->play(10s);
//   while (auto message = co_await session->read_media(10s); message && *message) ...
//
// The URL is rtmp://HOST[:PORT]/APP/STREAM[?QUERY] or rtmps://...: the last component of the path is the
// stream. Belongs to one coroutine at a time.
//
// A server is trusted as little as a client: what it says of itself is cut where it enters, what it is to be
// answered waits up to 64 KiB, and it is not listened to until it has taken that.
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

// What a relay says of the stream that it publishes: see media::StreamInfo.
struct ConnectOptions {
  std::string via;  // with its own id; empty: it is no relay
  std::string timeline;
  // Where to connect instead of what the URL says: an address and a port ("192.0.2.7:1935",
  // "[2001:db8::7]:1935"); may be empty.
  std::string connect_to;
  // Where a server that refuses us says that the stream is (RTMP 302): a whole URL. May be null; see
  // open_player(), which goes there.
  std::shared_ptr<std::string> redirect;
  std::shared_ptr<MessageBudget> budget;  // of the process, for unfinished messages; null: none
};

class ClientSession {
 public:
  // Resolves, connects and shakes hands, up to the server's answer to "connect".
  static asio::awaitable<Result<ClientSession>> connect(net::Url url, std::chrono::milliseconds timeout,
                                                        ConnectOptions options);
  static asio::awaitable<Result<ClientSession>> connect(net::Url url, std::chrono::milliseconds timeout) {
    return connect(std::move(url), timeout, ConnectOptions());
  }

  // Asks for the stream. Returns once the server says that it plays; a server that says nothing but sends
  // media is taken at its word. Errors: not_found, refused (with the server's code and description).
  asio::awaitable<Result<void>> play(std::chrono::milliseconds timeout);
  // The next message; nothing at the end of the stream.
  asio::awaitable<Result<std::optional<MediaMessage>>> read_media(std::chrono::milliseconds timeout);

  // Publishes. Errors: refused (NetStream.Publish.BadName, ...).
  asio::awaitable<Result<void>> publish(std::chrono::milliseconds timeout);
  // Sends them in one write. Metadata gets its "@setDataFrame". An error once the server refuses the stream.
  asio::awaitable<Result<void>> write_media(std::span<const MediaMessage> messages,
                                            std::chrono::milliseconds timeout);

  // For who has published and writes to the socket himself, without waiting: takes in what the server has
  // said, for one turn, and gives out what is to be answered at the next message boundary (may be empty). An
  // error once the server refuses the stream or is gone.
  Result<std::vector<std::uint8_t>> poll_publishing();
  // Another turn is needed, whether the socket can be read or not.
  bool has_more_input() const { return connection_.has_more(); }
  // The last bytes of a publisher.
  std::vector<std::uint8_t> farewell();
  // The message stream that the server gave.
  std::uint32_t stream_id() const { return stream_id_; }
  Connection& connection() { return connection_; }

  // Ends the stream properly and closes; waits up to 2 s until the server has taken everything.
  asio::awaitable<void> close();

  // Whether the server is one of ours and takes our own script tags.
  bool takes_annotations() const { return takes_annotations_; }
  // What a server that is one of ours said of the stream that is played: see media::StreamInfo.
  const std::string& via() const { return via_; }
  const std::string& timeline() const { return timeline_; }
  // Where the server wants us to go instead (Enhanced RTMP, NetConnection.Connect.ReconnectRequest): a
  // tcUrl, "" if it means the same place. Nothing as long as it did not ask.
  const std::optional<std::string>& reconnect_request() const { return reconnect_request_; }

  asio::ip::tcp::socket& socket() { return connection_.socket(); }
  // Metadata and data that were too large to be taken.
  std::uint64_t left_out() const { return media_.left_out(); }
  // Bytes received since the handshake.
  std::uint64_t received_bytes() const { return connection_.received_bytes(); }

 private:
  ClientSession(asio::ip::tcp::socket socket, const net::Url& url, std::shared_ptr<MessageBudget> budget);

  asio::awaitable<Result<void>> shake_hands(Deadline deadline);
  asio::awaitable<Result<void>> send_connect(ConnectOptions options, Deadline deadline);
  asio::awaitable<Result<void>> create_stream(Deadline deadline);
  // The answer to a transaction; media that comes meanwhile is kept.
  asio::awaitable<Result<Command>> wait_for_result(double transaction_id, Deadline deadline);
  // Waits for an onStatus: ok if its level is not "error".
  asio::awaitable<Result<void>> wait_for_status(std::string_view wanted_code, Deadline deadline);
  void note_redirect(const amf::Value& information);
  Result<void> take_some();
  Result<void> judge_status(const Command& command);
  Result<void> take(const Message& message);

  Connection connection_;
  MediaReader media_;
  std::string tc_url_, app_, stream_;
  std::optional<std::string> reconnect_request_;
  std::shared_ptr<std::string> redirect_;
  double next_transaction_ = 1;
  std::uint32_t stream_id_ = media_stream_id;
  bool publishing_ = false;
  bool playing_ = false;  // has asked to
  bool takes_annotations_ = false;
  std::string via_, timeline_;
  bool ended_ = false;
};

// Connects and plays; a server that sends us elsewhere (RTMP 302) is obeyed, up to five times. connect_to
// holds for the URL given here only. Errors: as of connect() and play().
asio::awaitable<Result<ClientSession>> open_player(net::Url url, std::chrono::milliseconds timeout,
                                                   ConnectOptions options);
// Not a default argument: g++ 12 destroys such temporaries twice in a co_await expression.
inline asio::awaitable<Result<ClientSession>> open_player(net::Url url, std::chrono::milliseconds timeout) {
  return open_player(std::move(url), timeout, ConnectOptions());
}

}  // namespace srs::rtmp
