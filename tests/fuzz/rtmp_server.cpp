// The server side of an RTMP session, against a peer that sends whatever the input chooses: it publishes,
// plays or never gets that far, and may read nothing. Our output is well formed; waiting output, and the
// memory of a peer that does not publish, are bounded; once the peer is gone, the session ends and releases
// its share of the budget.
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

extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace {

constexpr const char* commands[] = {"connect",       "createStream",    "publish",     "play",
                                    "releaseStream", "FCPublish",       "FCUnpublish", "deleteStream",
                                    "closeStream",   "pause",           "pauseRaw",    "seek",
                                    "_checkbw",      "getStreamLength", "_result",     "_error",
                                    "receiveAudio",  "onStatus",        "ping",        "FCSubscribe"};
constexpr std::size_t handshake_bytes = 1 + 2 * 1536;
constexpr std::size_t most_steps = 300;
// Most output that may wait for a peer: see Connection; and one answer more.
constexpr std::size_t most_waiting = Connection::max_reply_bytes + 2 * 1024;
// async_write() passes at most this to the socket at once.
constexpr std::size_t write_bytes = 64 * 1024;
// A read of the socket, unfinished messages, answers, each in a vector of up to twice the size.
constexpr std::size_t most_held = 1024 * 1024;
// Small enough for one peer to exceed its share.
constexpr std::size_t budget_bytes = 1024 * 1024;

// Without a sanitizer nothing is counted.
std::size_t allocated_bytes() {
  return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes() : 0;
}

// The outcome of a session.
struct Course {
  bool publishes = false;
  std::size_t media_bytes = 0;
};

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

// Like a relay's player without media: all answers of a turn are sent at once.
asio::awaitable<void> play(ServerSession& session) {
  auto started = co_await session.start_play();
  if (!started) co_return;
  std::vector<std::uint8_t> replies;
  for (session.begin_turn();;) {
    auto event = session.poll_player_event();
    if (!event) co_return;
    if (*event) {
      replies.insert(replies.end(), (*event)->reply.begin(), (*event)->reply.end());
      MUST_HOLD(replies.size() <= most_waiting);
      continue;
    }
    asio::error_code error;
    co_await asio::async_write(session.socket().tcp(), asio::buffer(replies),
                               asio::redirect_error(asio::use_awaitable, error));
    replies.clear();
    if (!error && !session.has_more_input())
      co_await session.socket().tcp().async_wait(tcp::socket::wait_read,
                                                 asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    session.begin_turn();
  }
}

asio::awaitable<void> serve(std::shared_ptr<ServerSession> session, Course& course) {
  auto request = co_await session->accept();
  if (!request) co_return;
  const auto path = media::parse_stream_path(request->path);
  if (!path)
    co_await session->refuse("NetStream.Play.StreamNotFound", path.error().message);
  else if (course.publishes = request->kind == Request::publish; course.publishes)
    co_await publish(*session, course.media_bytes);
  else
    co_await play(*session);
}

class Peer {
 public:
  enum Manner : std::uint8_t { in_pieces = 2, deaf = 4 };  // flags

  explicit Peer(std::uint8_t manner) : manner_(manner), allocated_before_(allocated_bytes()) {
    int pair[2];
    MUST_HOLD(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    ours_ = pair[0];
    if (is(deaf)) {
      const int small = 4'096;
      ::setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    }
    tcp::socket socket(io_);
    socket.assign(tcp::v4(), pair[1]);
    asio::co_spawn(io_, serve(std::make_shared<ServerSession>(std::move(socket), budget_), course_),
                   [this](const std::exception_ptr& failed) {
                     MUST_HOLD(!failed);
                     done_ = true;
                   });
  }
  ~Peer() { ::close(ours_); }

  // False once the session reads no more: it has ended, or waits for us to read.
  bool send_bytes(const std::vector<std::uint8_t>& bytes) {
    const std::size_t most = is(in_pieces) ? 4'096 : SIZE_MAX;
    for (std::size_t at = 0; at < bytes.size() && !done_;) {
      const ssize_t size = ::send(ours_, bytes.data() + at, std::min(bytes.size() - at, most), MSG_NOSIGNAL);
      if (size > 0) at += static_cast<std::size_t>(size), sent_ += static_cast<std::size_t>(size);
      if (!run() && size < 0) return false;
    }
    return !done_;
  }

  // Closes and checks the received bytes.
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
    MUST_HOLD(budget_->used_bytes() == 0);
    // AMF3 data is re-encoded as AMF0; all else is a part of the input.
    MUST_HOLD(course_.media_bytes <= 64 * sent_ + (1u << 20));
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
  bool is(Manner manner) const { return (manner_ & manner) != 0; }

  // Whether there was anything to do. A handler writes at most once: parts of full length and the one after
  // them were waiting together.
  bool run() {
    io_.restart();
    std::size_t handlers = 0;
    for (std::size_t waited = 0; io_.poll_one() > 0; ++handlers) {
      if (is(deaf)) continue;
      const std::size_t size = listen();
      waited += size;
      MUST_HOLD(waited <= most_waiting);
      if (size != write_bytes) waited = 0;
    }
    if (!course_.publishes && allocated_bytes() != 0)
      MUST_HOLD(allocated_bytes() <= allocated_before_ + heard_.capacity() + most_held);
    return handlers > 0;
  }
  std::size_t listen() {
    const std::size_t before = heard_.size();
    std::uint8_t buffer[16'384];
    for (ssize_t size; (size = ::recv(ours_, buffer, sizeof buffer, 0)) > 0;)
      heard_.insert(heard_.end(), buffer, buffer + size);
    MUST_HOLD(heard_.size() < (64u << 20));
    return heard_.size() - before;
  }

  const std::uint8_t manner_;
  const std::size_t allocated_before_;
  const std::shared_ptr<MessageBudget> budget_ = std::make_shared<MessageBudget>(budget_bytes);
  asio::io_context io_{1};
  int ours_ = -1;
  std::vector<std::uint8_t> heard_;
  std::size_t sent_ = 0;
  Course course_;
  bool done_ = false;
};

}  // namespace

// The first byte: 1: raw bytes follow, else steps of RtmpPeer; 2, 4: see Peer::Manner.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const std::uint8_t how = choices.u8();
  Peer peer(how);
  if (how & 1) {
    const Bytes bytes = choices.rest();
    peer.send_bytes({bytes.begin(), bytes.end()});
  } else {
    bool goes_on = peer.send_bytes(fuzz::RtmpPeer::handshake());
    fuzz::RtmpPeer speaker(choices, commands);
    for (std::size_t i = 0; choices.more() && i < most_steps && goes_on; ++i)
      goes_on = peer.send_bytes(speaker.step());
  }
  peer.leave();
  return 0;
}
