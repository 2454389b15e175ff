// A talkative peer: its input is parsed in turns, and its answers are bounded.
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <thread>

#include "rtmp/message_encoder.h"
#include "unit/rtmp/chunks.h"
#include "unit/rtmp/loopback.h"

using namespace srs;
using namespace srs::rtmp;
using namespace std::chrono_literals;

namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t messages = 5000;

Buffer pings() {
  Outbox outbox;
  for (std::uint32_t i = 0; i < messages; ++i) outbox.user_control(UserControl::ping_request, i);
  return outbox.take();
}

Buffer empty_audio() {
  Outbox outbox;
  for (std::size_t i = 0; i < messages; ++i) outbox.media({flv::TagType::audio, 0, {}}, 1);
  return outbox.take();
}

// The two ends of a connection; the other end sends `bytes`.
struct Ends {
  explicit Ends(Buffer bytes) {
    asio::ip::tcp::socket socket(loopback.io);
    theirs.connect({asio::ip::address_v4::loopback(), loopback.port()});
    loopback.acceptor.accept(socket);
    ours.emplace(std::move(socket));
    // In a thread: the sockets' buffers may hold less.
    writer = std::thread([this, sent = std::move(bytes)] {
      asio::error_code ignored;
      asio::write(theirs, asio::buffer(sent), ignored);
      theirs.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    });
  }
  ~Ends() {
    ours.reset();
    writer.join();
  }

  Loopback loopback;
  asio::io_context their_io;
  asio::ip::tcp::socket theirs{their_io};
  std::optional<Connection> ours;
  std::thread writer;
};

}  // namespace

TEST_CASE("a turn is 64 messages at most, answered by the protocol or not") {
  for (const bool answered : {true, false}) {
    CAPTURE(answered);
    Ends ends(answered ? pings() : empty_audio());
    std::size_t turns = 0, received = 0, most = 0;
    for (bool open = true; open;) {
      ends.ours->begin_turn();
      std::size_t in_turn = 0;
      for (;;) {
        auto message = ends.ours->poll();
        open = message.ok();
        if (!message || !*message) break;
        ++in_turn;
      }
      const std::size_t replies = ends.ours->outbox().take().size() / 18;
      most = std::max({most, in_turn, replies});
      received += in_turn + replies;
      if (in_turn + replies > 0) ++turns;
    }
    CHECK(received == messages);
    CHECK(most <= Connection::messages_per_turn);
    CHECK(turns >= messages / Connection::messages_per_turn);
  }
}

TEST_CASE("with 64 KiB of answers waiting for a peer that does not read, nothing more is parsed") {
  Ends ends(pings());
  const auto run_turn = [&] {
    ends.ours->begin_turn();
    auto message = ends.ours->poll();
    REQUIRE(message);
    CHECK_FALSE(*message);
  };
  const auto patience = std::chrono::steady_clock::now() + 30s;
  while (ends.ours->outbox().size() < Connection::max_reply_bytes) {
    run_turn();
    REQUIRE(std::chrono::steady_clock::now() < patience);
  }
  for (int i = 0; i < 1000; ++i) run_turn();
  CHECK(ends.ours->outbox().size() <= Connection::max_reply_bytes + 100);
  CHECK(ends.ours->has_more());
  // Once they are sent, parsing continues where it stopped.
  std::size_t answered = 0;
  for (bool open = true; open;) {
    answered += ends.ours->outbox().take().size();
    ends.ours->begin_turn();
    open = ends.ours->poll().ok();
  }
  answered += ends.ours->outbox().take().size();
  CHECK(answered == messages * 18);
}

TEST_CASE("other coroutines get their turn while a peer sends without pause") {
  Ends ends(empty_audio());
  std::size_t read = 0, turns_of_another = 0;
  bool done = false;
  const auto read_all = [&]() -> asio::awaitable<void> {
    for (;;) {
      auto message = co_await ends.ours->read(deadline_in(30s));
      if (!message) break;
      ++read;
    }
    done = true;
  };
  const auto count_turns = [&]() -> asio::awaitable<void> {
    while (!done) {
      ++turns_of_another;
      co_await asio::post(ends.loopback.io, asio::use_awaitable);
    }
  };
  auto reading = read_all();
  auto another = count_turns();
  ends.loopback.run({&reading, &another});
  CHECK(read == messages);
  CHECK(turns_of_another >= messages / Connection::messages_per_turn);
}

TEST_CASE("a deadline ends a peer that never stops sending") {
  Ends ends(empty_audio());
  const auto read_all = [&]() -> asio::awaitable<void> {
    const Deadline past = std::chrono::steady_clock::now() - 1s;
    auto message = co_await ends.ours->read(past);
    REQUIRE_FALSE(message);
    CHECK(message.error().code == Errc::timed_out);
  };
  auto reading = read_all();
  ends.loopback.run({&reading});
}
