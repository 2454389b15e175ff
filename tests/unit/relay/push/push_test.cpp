// A push and its destination, which comes, goes, refuses and is slow. The destination is a server of RTMP on
// the worker's io_context.
#include "srs-relay/push/push.h"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>

#include "rtmp/server_session.h"
#include "srs-relay/workers/worker.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::media;
using namespace std::chrono_literals;
using asio::ip::tcp;
using relay::Hub;
using relay::Push;
using relay::PushState;

namespace {

class Destination {
 public:
  enum Mode {
    takes,      // what is published
    loses,      // the connection, once it publishes
    refuses,    // the stream
    is_silent,  // it does not even shake hands
    is_stuck,   // it accepts the stream and reads nothing of it
  };

  explicit Destination(asio::io_context& io) : io_(io), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {
    acceptor_.set_option(asio::socket_base::receive_buffer_size(32 * 1024));
    accept();
  }
  std::string url() const {
    return "rtmp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/live/key";
  }
  void refuse_connections() { acceptor_.close(); }
  void cut_off() {
    for (const auto& session : sessions_) {
      session->socket().close();
    }
  }
  void ask_to_reconnect() {
    for (const auto& session : sessions_) session->ask_to_reconnect();
  }

  Mode mode = takes;
  int accepted = 0;   // connections
  int published = 0;  // streams
  int ended = 0;      // of these, properly
  int lost = 0;
  std::size_t messages = 0;

 private:
  void accept() {
    acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
      if (error) return;
      ++accepted;
      sessions_.push_back(std::make_shared<rtmp::ServerSession>(std::move(socket)));
      if (mode != is_silent) asio::co_spawn(io_, serve(*this, sessions_.back()), asio::detached);
      accept();
    });
  }
  static asio::awaitable<void> serve(Destination& self, std::shared_ptr<rtmp::ServerSession> session) {
    const auto request = co_await session->accept();
    if (!request) co_return;
    if (self.mode == refuses) {
      co_await session->refuse("NetStream.Publish.Denied", "not you");
      session->socket().close();
      co_return;
    }
    const auto started = co_await session->start_publish();
    if (!started) co_return;
    ++self.published;
    if (self.mode == loses) session->socket().close();
    if (self.mode != takes) co_return;
    for (;;) {
      const auto message = co_await session->read_media(60s);
      if (!message) ++self.lost;
      if (message && !*message) ++self.ended;
      if (!message || !*message) break;
      ++self.messages;
    }
    session->socket().close();
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<rtmp::ServerSession>> sessions_;
};

struct Stage {
  Stage() {
    worker.begin();
    published = hub.begin({"live/a", "test"});
    for (auto&& message : {sample_header(flv::TagType::video, 0, 1), sample_header(flv::TagType::audio, 0, 1),
                           sample_video(true, 0), sample_audio(0)})
      hub.append(*published, message);
  }
  ~Stage() {
    if (push && !push->done()) push->stop();
    if (push) run_until([&] { return push->done(); });
    destination.refuse_connections();
    destination.cut_off();
    end();
    hub.stop();
    advance(5s);
    for (int i = 0; i < 5; ++i) {
      run();
      worker.io().restart();
      worker.io().run_for(1ms);
    }
    worker.close();
  }
  void start() {
    push = std::make_shared<Push>(worker, hub, wires, published->stream,
                                  *relay::PushUrl::parse(destination.url()), "the destination", "node",
                                  "timeline", nullptr, log);
    push->start([this] { ++done; });
  }
  void end() {
    if (published) hub.end(std::exchange(published, nullptr), EndReason::ended);
  }
  void append(bool key_frame = false, std::size_t size = 1000) {
    at_ms += 40;
    hub.append(*published, sample_video(key_frame, at_ms, size));
  }
  PushState::Kind kind() const { return push->state().kind; }
  void run() { net::ManualClock::run({&io, &worker.io()}); }
  void advance(std::chrono::milliseconds time) { clock.advance({&io, &worker.io()}, time); }
  // Sockets take their own time, a moment.
  template <class Condition>
  void run_until(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < patience) {
      run();
      worker.io().restart();
      worker.io().run_one_for(1ms);
    }
    CHECK(condition());
  }
  // Whether the next attempt comes after about this time.
  bool tries_again_after(std::chrono::milliseconds base) {
    const int before = destination.accepted;
    std::chrono::milliseconds waited{0};
    for (; kind() == PushState::waiting && destination.accepted == before && waited < 2 * base;
         waited += step)
      advance(step);
    run_until([&] { return destination.accepted > before; });
    return is_about(waited, base);
  }
  static bool is_about(std::chrono::milliseconds time, std::chrono::milliseconds base) {
    return time >= base - base / 5 && time <= base + base / 5 + step;
  }
  static constexpr std::chrono::milliseconds step{10};
  void wait_for(PushState::Kind wanted) {
    run_until([&] { return kind() == wanted; });
  }

  asio::io_context io;  // the hub's
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  relay::Worker worker{0, clock, {15s}};
  const relay::Wakers wakers{&worker};
  relay::PushWires wires;
  Hub hub{io, clock, {}, nullptr, wakers, "node", log};
  Destination destination{worker.io()};
  std::shared_ptr<Hub::Published> published;
  std::shared_ptr<Push> push;
  int done = 0;
  std::int64_t at_ms = 0;
};

}  // namespace

TEST_CASE("a stream is pushed until it ends, and ends properly there") {
  Stage stage;
  stage.start();
  stage.wait_for(PushState::live);
  for (int i = 0; i < 10; ++i) stage.append();
  stage.run_until([&] { return stage.destination.messages >= 12; });
  stage.advance(1s);
  CHECK(stage.push->state().sent_bytes > 10'000);
  CHECK(stage.published->stream->players() == 0);  // it is no player
  stage.end();
  stage.push->stop();
  stage.run_until([&] { return stage.push->done() && stage.destination.ended == 1; });
  stage.run();
  CHECK(stage.done == 1);
  CHECK(stage.destination.accepted == 1);
  CHECK(stage.push->state().kind == PushState::ended);
}

TEST_CASE("a destination that refuses connections is tried later and later") {
  Stage stage;
  stage.start();
  stage.destination.refuse_connections();
  stage.wait_for(PushState::waiting);
  CHECK(stage.push->state().why.find("cannot connect") != std::string::npos);
  for (const auto base : {500ms, 1000ms, 2000ms}) {
    const auto before = stage.push->state().reconnects;
    std::chrono::milliseconds waited{0};
    for (; stage.kind() == PushState::waiting && stage.push->state().reconnects == before;
         waited += Stage::step)
      stage.advance(Stage::step);
    CHECK(Stage::is_about(waited, base));
    stage.run_until([&] { return stage.push->state().reconnects == before + 1; });
  }
}

TEST_CASE("a destination that refuses the stream is tried again") {
  Stage stage;
  stage.destination.mode = Destination::refuses;
  stage.start();
  stage.wait_for(PushState::waiting);
  CHECK(stage.push->state().why.find("NetStream.Publish.Denied") != std::string::npos);
  stage.destination.mode = Destination::takes;
  CHECK(stage.tries_again_after(500ms));
  stage.wait_for(PushState::live);
}

TEST_CASE("a connection that is lost at once makes the push more patient") {
  Stage stage;
  stage.destination.mode = Destination::loses;
  stage.start();
  for (const auto base : {500ms, 1000ms, 2000ms, 4000ms}) {
    stage.wait_for(PushState::waiting);
    CHECK(stage.tries_again_after(base));
  }
  CHECK(stage.push->state().reconnects >= 4);
}

TEST_CASE("after a connection that had settled the next one is tried soon again") {
  Stage stage;
  stage.destination.mode = Destination::loses;
  stage.start();
  for (const auto base : {500ms, 1000ms, 2000ms}) {
    stage.wait_for(PushState::waiting);
    if (base == 2000ms) stage.destination.mode = Destination::takes;
    CHECK(stage.tries_again_after(base));
  }
  stage.wait_for(PushState::live);
  SUBCASE("it had settled") {
    stage.advance(11s);
    stage.destination.cut_off();
    stage.wait_for(PushState::waiting);
    CHECK(stage.tries_again_after(500ms));
  }
  SUBCASE("it had not") {
    stage.advance(9s);
    stage.destination.cut_off();
    stage.wait_for(PushState::waiting);
    CHECK(stage.tries_again_after(4s));
  }
}

TEST_CASE("a stream that ends while the push connects ends the push") {
  Stage stage;
  stage.destination.mode = Destination::is_silent;
  stage.start();
  stage.run_until([&] { return stage.destination.accepted == 1; });
  CHECK(stage.kind() == PushState::connecting);
  stage.end();
  stage.push->stop();
  stage.run_until([&] { return stage.push->done(); });
  CHECK(stage.destination.published == 0);
}

TEST_CASE("a stream that ends while the server answers ends the push, and is not published there") {
  Stage stage;
  stage.start();
  stage.run_until([&] { return stage.destination.published == 1; });
  stage.end();
  stage.push->stop();
  stage.run_until(
      [&] { return stage.push->done() && stage.destination.ended + stage.destination.lost == 1; });
  CHECK(stage.destination.accepted == 1);
}

TEST_CASE("a push that is stopped while it waits ends at once") {
  Stage stage;
  stage.start();
  stage.destination.refuse_connections();
  stage.wait_for(PushState::waiting);
  stage.push->stop();
  stage.run();
  CHECK(stage.push->done());
  CHECK(stage.done == 1);
  const auto reconnects = stage.push->state().reconnects;
  stage.advance(60s);
  CHECK(stage.push->state().reconnects == reconnects);
}

TEST_CASE("a push that is stopped before its first turn connects to nobody") {
  Stage stage;
  stage.start();
  stage.push->stop();
  stage.run_until([&] { return stage.push->done(); });
  stage.run();
  CHECK(stage.destination.published == 0);
}

TEST_CASE("a push is stopped once, however often and late it is told") {
  Stage stage;
  stage.start();
  stage.wait_for(PushState::live);
  for (int i = 0; i < 3; ++i) stage.push->stop();
  stage.run_until([&] { return stage.push->done() && stage.destination.ended == 1; });
  stage.push->stop();
  stage.run();
  CHECK(stage.done == 1);
}

TEST_CASE("a server that asks to connect again gets the stream's end, and a new connection at once") {
  Stage stage;
  stage.start();
  stage.wait_for(PushState::live);
  stage.advance(3s);
  stage.destination.ask_to_reconnect();
  stage.append();  // it is sent with what the server says next
  stage.run_until([&] {
    stage.append();
    return stage.destination.published == 2;
  });
  CHECK(stage.push->state().reconnects == 0);
  stage.run_until([&] { return stage.destination.ended == 1; });
  stage.wait_for(PushState::live);
}

TEST_CASE("a slow destination skips, and delays nobody; one that takes nothing is given up") {
  Stage stage;
  stage.destination.mode = Destination::is_stuck;
  stage.start();
  stage.wait_for(PushState::live);
  for (int i = 1; i < 4000 && stage.push->state().jumps == 0; ++i) {
    stage.append(i % 10 == 0, 20'000);
    stage.run();
    if (i % 50 == 0) stage.advance(1s);
  }
  CHECK(stage.push->state().jumps > 0);
  CHECK(stage.published->stream->counters().jumps == 0);  // of players
  for (int i = 0; i < 200 && stage.push->state().reconnects == 0; ++i) stage.advance(100ms);
  CHECK(stage.push->state().why == "it took nothing for 15s");
  stage.destination.mode = Destination::takes;
  stage.advance(1s);
  stage.wait_for(PushState::live);
}
