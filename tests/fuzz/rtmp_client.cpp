// RTMP clients against a server that sends whatever the input chooses: rtmp::ClientSession, with which relays
// and ingests fetch and push, and srs-bench's dialogue. They end once the server is gone. srs-bench's skimmer
// and the chunk reader parse the same bytes into the same messages.
#include <sys/socket.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "choices.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/client_session.h"
#include "rtmp_peer.h"
#include "srs-bench/rtmp/rtmp_dialog.h"
#include "target.h"

using namespace srs;
using asio::ip::tcp;
using std::chrono::seconds;

namespace {

constexpr const char* commands[] = {"_result",     "_error",   "onStatus",  "close",
                                    "onFCPublish", "onBWDone", "onMetaData"};
constexpr std::size_t most_steps = 200;

std::vector<std::uint8_t> server_bytes(fuzz::Choices& choices) {
  std::vector<std::uint8_t> all;
  fuzz::RtmpPeer speaker(choices, commands);
  for (std::size_t i = 0; choices.more() && i < most_steps; ++i) {
    const auto some = speaker.step();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

asio::awaitable<void> play(net::Url url) {
  auto session = co_await rtmp::ClientSession::connect(std::move(url), seconds(5));
  if (!session) co_return;
  auto playing = co_await session->play(seconds(5));
  while (playing) {
    auto message = co_await session->read_media(seconds(5));
    if (!message || !*message) break;
    MUST_HOLD((*message)->payload.size() <= flv::max_payload_size);
  }
  co_await session->close();
}

asio::awaitable<void> publish(net::Url url) {
  auto session = co_await rtmp::ClientSession::connect(std::move(url), seconds(5));
  if (!session) co_return;
  auto publishing = co_await session->publish(seconds(5));
  const std::vector<rtmp::MediaMessage> messages(
      2, {flv::TagType::audio, 0, Slice::copy_of(fuzz::bytes_of("\xaf\1x"))});
  for (int i = 0; i < 3 && publishing; ++i) publishing = co_await session->write_media(messages, seconds(5));
  co_await session->close();
}

// Sends its whole input and closes its side; reads until the client is gone.
class Server {
 public:
  explicit Server(asio::io_context& io) : acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void serve(std::vector<std::uint8_t> bytes) {
    bytes_ = std::move(bytes);
    sent_ = 0;
    asio::error_code error;
    acceptor_.non_blocking(true);
    if (socket_ < 0) {
      tcp::socket socket(acceptor_.get_executor());
      acceptor_.accept(socket, error);
      if (!error) socket_ = socket.release();
    }
  }
  // Whether there was anything to do.
  void run() {
    if (socket_ < 0) serve(std::move(bytes_));
    if (socket_ < 0) return;
    std::uint8_t buffer[16'384];
    while (::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT) > 0) {
    }
    if (sent_ == SIZE_MAX) return;
    const ssize_t size =
        ::send(socket_, bytes_.data() + sent_, bytes_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size > 0) sent_ += static_cast<std::size_t>(size);
    if (sent_ < bytes_.size() && (size > 0 || errno == EAGAIN)) return;
    ::shutdown(socket_, SHUT_WR);
    sent_ = SIZE_MAX;
  }
  void end() {
    // No TIME_WAIT: so many connections would use up the machine's ports.
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  tcp::acceptor acceptor_;
  int socket_ = -1;
  std::vector<std::uint8_t> bytes_;
  std::size_t sent_ = 0;
};

void run_session(bool publishes, std::vector<std::uint8_t> bytes) {
  static asio::io_context io{1};
  static Server server{io};
  net::Url url = *net::parse_url("rtmp://127.0.0.1/live/x");
  url.port = server.port();
  server.serve(std::move(bytes));
  bool done = false;
  asio::co_spawn(io, publishes ? publish(url) : play(url), [&](const std::exception_ptr& failed) {
    MUST_HOLD(!failed);
    done = true;
  });
  const auto patience = std::chrono::steady_clock::now() + seconds(8);
  while (!done) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds(1));
    server.run();
    MUST_HOLD(std::chrono::steady_clock::now() < patience);
  }
  server.end();
}

struct Media : bench::MediaListener {
  void on_media(const bench::MediaMessage& message) override { bytes += message.payload.size(); }
  std::size_t bytes = 0;
};

void run_dialog(bool publishes, const std::vector<std::uint8_t>& bytes, std::size_t piece_size) {
  Media media;
  using Role = bench::RtmpDialog::Role;
  bench::RtmpDialog dialog(publishes ? Role::publish : Role::play, *net::parse_url("rtmp://127.0.0.1/live/x"),
                           media);
  for (Bytes left = bytes; !left.empty(); left = left.subspan(std::min(piece_size, left.size()))) {
    const auto fed = dialog.feed(left.first(std::min(piece_size, left.size())));
    if (!fed || dialog.ended()) break;
    dialog.take_output();
  }
  MUST_HOLD(media.bytes <= bytes.size());
}

class Skimmed : public bench::ChunkListener {
 public:
  explicit Skimmed(std::vector<rtmp::Message> expected) : expected_(std::move(expected)) {}
  std::size_t seen() const { return at_; }

 private:
  Result<void> on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes kept) override {
    MUST_HOLD(at_ < expected_.size());
    const rtmp::Message& message = expected_[at_++];
    if (message.is_left_out) return {};  // the reader dropped its payload
    const Bytes payload = message.payload.bytes();
    MUST_HOLD(message.type == type && fuzz::same(payload.first(std::min(payload.size(), kept.size())), kept));
    // The skimmer keeps only the beginning of a long command.
    MUST_HOLD(kept.size() == payload.size() || kept.size() >= 16 * 1024);
    MUST_HOLD(static_cast<std::uint32_t>(message.timestamp_ms) == timestamp_ms);
    return {};
  }

  std::vector<rtmp::Message> expected_;
  std::size_t at_ = 0;
};

void compare_readers(Bytes bytes) {
  rtmp::ChunkReader reader;
  std::vector<rtmp::Message> messages;
  for (Bytes left = bytes;;) {
    auto message = reader.next(left);
    if (!message) return;
    if (!*message) break;
    // The skimmer does not return these.
    using enum rtmp::MessageType;
    if ((*message)->type != set_chunk_size && (*message)->type != abort)
      messages.push_back(**std::move(message));
  }
  const std::size_t count = messages.size();
  Skimmed skimmed(std::move(messages));
  bench::ChunkSkimmer skimmer(skimmed, bench::Keep::whole);
  if (skimmer.feed(bytes)) MUST_HOLD(skimmed.seen() == count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const std::uint8_t how = choices.u8();
  const bool publishes = (how & 2) != 0;
  std::vector<std::uint8_t> bytes = how & 1 ? std::vector<std::uint8_t>() : fuzz::RtmpPeer::handshake();
  const std::vector<std::uint8_t> behind = server_bytes(choices);
  bytes.insert(bytes.end(), behind.begin(), behind.end());
  compare_readers(behind);
  run_dialog(publishes, bytes, SIZE_MAX);
  run_dialog(publishes, bytes, 7);
  run_session(publishes, std::move(bytes));
  return 0;
}
