// The server's side of an RTMP session, against a peer that says whatever the input chooses: it publishes,
// plays or never gets that far. What we say is well formed; and once the peer is gone, the session ends.
#include <sys/socket.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "choices.h"
#include "media/stream_path.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/server_session.h"
#include "rtmp_peer.h"
#include "target.h"

using namespace srs;
using namespace srs::rtmp;
using asio::ip::tcp;

namespace {

constexpr const char* commands[] = {"connect",       "createStream",    "publish",     "play",
                                    "releaseStream", "FCPublish",       "FCUnpublish", "deleteStream",
                                    "closeStream",   "pause",           "pauseRaw",    "seek",
                                    "_checkbw",      "getStreamLength", "_result",     "_error",
                                    "receiveAudio",  "onStatus",        "ping",        "FCSubscribe"};
constexpr std::size_t handshake_bytes = 1 + 2 * 1536;
constexpr std::size_t most_steps = 300;

asio::awaitable<void> publish(ServerSession& session, std::size_t& media_bytes) {
  auto started = co_await session.start_publish();
  if (!started) co_return;
  for (;;) {
    auto message = co_await session.read_media(std::chrono::seconds(10));
    if (!message || !*message) co_return;
    MUST_HOLD((*message)->payload.size() <= flv::max_payload_size);
    media_bytes += (*message)->payload.size();
  }
}

// As a relay's player without media.
asio::awaitable<void> play(ServerSession& session) {
  auto started = co_await session.start_play();
  if (!started) co_return;
  for (session.begin_turn();;) {
    auto event = session.poll_player_event();
    if (!event) co_return;
    asio::error_code error;
    if (*event) {
      co_await asio::async_write(session.socket(), asio::buffer((*event)->reply),
                                 asio::redirect_error(asio::use_awaitable, error));
    } else {
      if (!session.has_more_input())
        co_await session.socket().async_wait(tcp::socket::wait_read,
                                             asio::redirect_error(asio::use_awaitable, error));
      session.begin_turn();
    }
    if (error) co_return;
  }
}

asio::awaitable<void> serve(std::shared_ptr<ServerSession> session, std::size_t& media_bytes) {
  auto request = co_await session->accept();
  if (!request) co_return;
  const auto path = media::parse_stream_path(request->path);
  if (!path)
    co_await session->refuse("NetStream.Play.StreamNotFound", path.error().message);
  else if (request->kind == Request::publish)
    co_await publish(*session, media_bytes);
  else
    co_await play(*session);
}

class Peer {
 public:
  Peer() {
    int pair[2];
    MUST_HOLD(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    ours_ = pair[0];
    tcp::socket socket(io_);
    socket.assign(tcp::v4(), pair[1]);
    asio::co_spawn(io_, serve(std::make_shared<ServerSession>(std::move(socket)), media_bytes_),
                   [this](const std::exception_ptr& failed) {
                     MUST_HOLD(!failed);
                     done_ = true;
                   });
  }
  ~Peer() { ::close(ours_); }

  void say(const std::vector<std::uint8_t>& bytes) {
    sent_ += bytes.size();
    for (std::size_t at = 0; at < bytes.size() && !done_;) {
      const ssize_t size =
          ::send(ours_, bytes.data() + at, std::min<std::size_t>(bytes.size() - at, 4'096), MSG_NOSIGNAL);
      if (size > 0) at += static_cast<std::size_t>(size);
      run();
    }
  }
  bool done() const { return done_; }

  // Goes away and checks what was heard.
  void leave() {
    ::shutdown(ours_, SHUT_WR);
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!done_) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(10));
      listen();
      MUST_HOLD(std::chrono::steady_clock::now() < patience);
    }
    listen();
    // Data of AMF3 is written anew as AMF0; all else is a part of what came.
    MUST_HOLD(media_bytes_ <= 64 * sent_ + (1u << 20));
    if (heard_.size() < handshake_bytes) return;
    ChunkReader reader;
    Bytes bytes = Bytes(heard_).subspan(handshake_bytes);
    for (;;) {
      const auto message = reader.next(bytes);
      MUST_HOLD(message.ok());
      if (!*message) break;
    }
  }

 private:
  void run() {
    io_.restart();
    io_.poll();
    listen();
  }
  void listen() {
    std::uint8_t buffer[16'384];
    for (ssize_t size; (size = ::recv(ours_, buffer, sizeof buffer, 0)) > 0;)
      heard_.insert(heard_.end(), buffer, buffer + size);
    MUST_HOLD(heard_.size() < (64u << 20));
  }

  asio::io_context io_{1};
  int ours_ = -1;
  std::vector<std::uint8_t> heard_;
  std::size_t sent_ = 0, media_bytes_ = 0;
  bool done_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const std::uint8_t how = choices.u8();
  Peer peer;
  if (how & 1) {
    const Bytes bytes = choices.rest();
    peer.say({bytes.begin(), bytes.end()});
  } else {
    peer.say(fuzz::RtmpPeer::handshake());
    fuzz::RtmpPeer speaker(choices, commands);
    for (std::size_t i = 0; choices.more() && i < most_steps && !peer.done(); ++i) peer.say(speaker.step());
  }
  peer.leave();
  return 0;
}
