// A worker and its players, while streams end, players leave and the relay does.
#include "srs-relay/workers/worker.h"

#include <doctest/doctest.h>

#include <asio/post.hpp>
#include <thread>

#include "log/flv_wire.h"
#include "srs-relay/streams/hub.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"
#include "unit/relay/workers/test_session.h"

using namespace srs;
using namespace srs::media;
using namespace std::chrono_literals;
using relay::Hub;
using relay::last_bytes;
using relay::SessionPtr;
using relay::TestSession;
using relay::Worker;

namespace {

class TestProtocol : public relay::Protocol {
 public:
  explicit TestProtocol(std::size_t& drained) : drained_(drained) {}
  void serve(net::Socket, net::Ticket) override {}
  std::size_t connections() const override { return 2; }
  void drain() override { ++drained_; }
  void close() override {}

 private:
  std::size_t& drained_;
};

// A hub and a worker, whose threads take turns on the test's.
struct Stage {
  Stage() {
    std::vector<std::unique_ptr<relay::Protocol>> protocols;
    protocols.push_back(std::make_unique<TestProtocol>(protocol_drained));
    worker.set_protocols(std::move(protocols));
    worker.begin();
  }
  ~Stage() {
    hub.end_all();
    hub.stop();
    advance(5s);
    worker.close();
    CHECK(worker.players() == 0);
  }

  std::shared_ptr<Hub::Published> publish(const std::string& path = "live/a") {
    auto published = hub.begin({path, "test"});
    REQUIRE(published);
    for (auto&& message : {sample_header(flv::TagType::video, 0, 1), sample_header(flv::TagType::audio, 0, 1),
                           sample_video(true, 0), sample_audio(0)})
      hub.append(*published, message);
    return published;
  }
  void append(const std::shared_ptr<Hub::Published>& published, std::size_t size = 1000) {
    at_ms += 40;
    hub.append(*published, sample_video(false, at_ms, size));
  }
  void end(const std::shared_ptr<Hub::Published>& published, EndReason reason = EndReason::ended) {
    hub.end(published, reason);
  }
  relay::FoundStream find(const std::string& path = "live/a") {
    relay::FoundStream found;
    hub.find({path, "", "", 0ms, "test", "192.0.2.1:1000"}, wire, [&](Hub::Found given) { found = given; });
    REQUIRE(found.stream);
    return found;
  }
  SessionPtr make(const relay::FoundStream& found) {
    return std::make_shared<TestSession>(worker, found.stream, log);
  }
  SessionPtr join(const relay::FoundStream& found) {
    auto session = make(found);
    session->start(found, last_bytes);
    return session;
  }
  SessionPtr join() { return join(find()); }
  void run() { net::ManualClock::run({&io, &worker.io()}); }
  void advance(std::chrono::milliseconds time) { clock.advance({&io, &worker.io()}, time); }

  asio::io_context io;  // the hub's
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  std::size_t protocol_drained = 0;
  Worker worker{0, clock, {15s}};
  const relay::Wakers wakers{&worker};
  const log::FlvWire wire;
  Hub hub{io, clock, {}, nullptr, wakers, "node", log};
  std::int64_t at_ms = 0;
};

}  // namespace

TEST_CASE("a player gets what there is at once, and what is new with the next turn") {
  Stage stage;
  const auto published = stage.publish();
  const SessionPtr player = stage.join();
  CHECK(player->peer.pop_sent().size() > 70);
  stage.append(published);
  CHECK(player->peer.sent().empty());
  stage.run();
  CHECK(player->peer.sent().size() > 1000);
  CHECK(stage.worker.players() == 1);
  CHECK(published->stream->players() == 1);
  CHECK(stage.worker.known("live/a", stage.wire));
  CHECK(stage.worker.connections() == 3);
}

TEST_CASE("a stream that ends while its players are due is sent to its end") {
  Stage stage;
  const auto published = stage.publish();
  const SessionPtr player = stage.join();
  player->peer.pop_sent();
  stage.append(published);
  net::ManualClock::run(stage.io);  // the worker is woken, and has no turn yet
  stage.end(published);
  stage.run();
  const std::string& sent = player->peer.sent();
  CHECK(sent.size() > 1000);
  CHECK(sent.ends_with("<ended>"));
  CHECK(player->peer.shut());
  CHECK(player->dropped.empty());
  // The peer may close first; then we do.
  stage.advance(1999ms);
  CHECK_FALSE(player->closed);
  stage.advance(1ms);
  CHECK(player->closed);
  CHECK(player->peer.closed());
  CHECK(stage.worker.players() == 0);
  CHECK_FALSE(stage.worker.known("live/a", stage.wire));
}

TEST_CASE("a wake-up that comes after the end changes nothing") {
  Stage stage;
  const auto published = stage.publish();
  const SessionPtr player = stage.join();
  stage.end(published);
  stage.run();
  const std::string sent = player->peer.sent();
  stage.worker.wake(published->stream, published->stream->audience(0));
  stage.run();
  CHECK(player->peer.sent() == sent);
  stage.advance(2s);
  stage.worker.wake(published->stream, published->stream->audience(0));
  stage.run();
  CHECK(player->closed);
}

TEST_CASE("whoever joins a stream that has ended meanwhile gets its end, and of what kind it is") {
  for (const auto reason : {EndReason::ended, EndReason::lost}) {
    Stage stage;
    const auto published = stage.publish();
    const relay::FoundStream found = stage.find();
    stage.end(published, reason);
    const SessionPtr player = stage.join(found);
    CHECK(player->peer.sent().ends_with(reason == EndReason::ended ? "<ended>" : "<cut short>"));
    CHECK(player->peer.shut());
    player->peer.close_by_peer();
    stage.run();
    CHECK(player->closed);
    CHECK(player->dropped.empty());
  }
}

TEST_CASE("whoever joins the stream that was before does not hide the one that is") {
  Stage stage;
  const auto first = stage.publish();
  const relay::FoundStream late = stage.find();
  stage.end(first);
  const auto second = stage.publish();
  const SessionPtr player = stage.join();
  const SessionPtr latecomer = stage.join(late);
  REQUIRE(stage.worker.known("live/a", stage.wire));
  CHECK(stage.worker.known("live/a", stage.wire)->stream == second->stream);
  latecomer->peer.close_by_peer();
  stage.run();
  CHECK(latecomer->closed);
  CHECK(stage.worker.known("live/a", stage.wire));
  player->peer.pop_sent();
  stage.append(second);
  stage.run();
  CHECK(player->peer.sent().size() > 1000);
}

TEST_CASE("a player that leaves while it is due costs nobody their turn") {
  Stage stage;
  const auto published = stage.publish();
  std::vector<SessionPtr> players;
  for (int i = 0; i < 200; ++i) players.push_back(stage.join());
  for (const auto& player : players) player->peer.pop_sent();
  stage.append(published);
  net::ManualClock::run(stage.io);
  const auto served = [&] {
    return std::count_if(players.begin(), players.end(),
                         [](const auto& player) { return !player->peer.sent().empty(); });
  };
  while (served() == 0) {
    stage.worker.io().restart();
    REQUIRE(stage.worker.io().poll_one() == 1);
  }
  CHECK(served() == 64);  // then others have their turn
  for (std::size_t i = 0; i < players.size(); i += 3) players[i]->peer.close_by_peer();
  stage.run();
  for (std::size_t i = 0; i < players.size(); ++i) {
    CHECK(players[i]->closed == (i % 3 == 0));
    if (i % 3 != 0) CHECK(players[i]->peer.sent().size() > 1000);
  }
  CHECK(stage.worker.players() == 133);
}

TEST_CASE("all players may leave while they are due") {
  Stage stage;
  const auto published = stage.publish();
  std::vector<SessionPtr> players;
  for (int i = 0; i < 100; ++i) players.push_back(stage.join());
  stage.append(published);
  net::ManualClock::run(stage.io);
  for (const auto& player : players) player->peer.close_by_peer();
  stage.run();
  CHECK(stage.worker.players() == 0);
  CHECK(published->stream->players() == 0);
  stage.append(published);
  stage.run();
  const SessionPtr next = stage.join();
  CHECK_FALSE(next->peer.sent().empty());
}

TEST_CASE("an operator cuts off one client, by its id") {
  Stage stage;
  stage.publish();
  const SessionPtr first = stage.join(), second = stage.join();
  const auto clients = stage.worker.clients();
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].id != clients[1].id);
  CHECK(clients[0].stream == "live/a");
  CHECK(std::string(clients[0].kind) == "player");
  CHECK_FALSE(stage.worker.kick("0-99"));
  CHECK_FALSE(stage.worker.kick("1-1"));
  REQUIRE(stage.worker.kick("0-1"));
  CHECK_FALSE(first->dropped.empty());
  stage.run();
  CHECK(first->closed);
  CHECK_FALSE(second->closed);
  CHECK_FALSE(stage.worker.kick("0-1"));
  CHECK(stage.worker.clients().size() == 1);
}

TEST_CASE("one that is cut off twice before its turn is closed once") {
  Stage stage;
  stage.publish();
  const SessionPtr player = stage.join();
  REQUIRE(stage.worker.kick("0-1"));
  (void)stage.worker.kick("0-1");
  player->peer.close_by_peer();
  stage.run();
  CHECK(player->closed);
  CHECK(stage.worker.players() == 0);
}

TEST_CASE("a relay that drains asks those that are here, and those that still come") {
  Stage stage;
  stage.publish();
  const SessionPtr before = stage.join();
  const relay::FoundStream found = stage.find();
  stage.worker.drain();
  const SessionPtr after = stage.join(found);
  CHECK(before->asked_to_leave == 1);
  CHECK(after->asked_to_leave == 1);
  // Connections that have said nothing yet get two seconds to do so.
  stage.advance(1s);
  CHECK(stage.protocol_drained == 0);
  stage.advance(10s);
  CHECK(stage.protocol_drained == 1);
}

TEST_CASE("a player that takes nothing is closed once the time-out is over, not before") {
  Stage stage;
  const auto published = stage.publish();
  const SessionPtr stalled = stage.join(), slow = stage.join();
  stage.advance(500ms);
  stalled->peer.set_room(0);
  slow->peer.set_room(0);
  stage.append(published);
  stage.advance(0s);
  for (int second = 0; second < 14; ++second) {
    slow->peer.set_room(10);  // so little is enough
    stage.append(published);
    stage.advance(1s);
  }
  // The worker looks each second: it has stalled for 14.5 s now.
  stage.advance(500ms);
  CHECK(stalled->dropped.empty());
  stage.advance(1s);
  CHECK(stalled->dropped == "it took nothing for 15s");
  CHECK(stalled->closed);
  CHECK(slow->dropped.empty());
  CHECK(published->stream->counters().stalled == 1);
  CHECK(stage.worker.players() == 1);
}

TEST_CASE("a player that had nothing to take has not stalled") {
  Stage stage;
  const auto published = stage.publish();
  const SessionPtr player = stage.join();
  player->peer.set_room(0);
  stage.advance(60s);
  stage.append(published);
  stage.advance(14s);
  CHECK(player->dropped.empty());
}

TEST_CASE("at the end of the worker its players are cut off") {
  Stage stage;
  stage.publish();
  const SessionPtr player = stage.join(), stalled = stage.join();
  stalled->peer.set_room(0);
  stage.worker.close();
  CHECK(player->closed);
  CHECK(stalled->closed);
  CHECK(player->dropped == "the relay ends");
}

TEST_CASE("on its own thread a worker serves its players until it is stopped") {
  asio::io_context io;
  const cli::Log log("test", cli::LogLevel::error, cli::LogFormat::text);
  const log::FlvWire wire;
  Worker worker(0, system_clock(), {15s});
  const relay::Wakers wakers{&worker};
  Hub hub(io, system_clock(), {}, nullptr, wakers, "node", log);
  worker.start([](const std::string&) { std::abort(); });
  const auto published = hub.begin({"live/a", "test"});
  REQUIRE(published);
  for (auto&& message : {sample_header(flv::TagType::video, 0, 1), sample_header(flv::TagType::audio, 0, 1),
                         sample_video(true, 0), sample_audio(0)})
    hub.append(*published, message);
  relay::FoundStream found;
  hub.find({"live/a"}, wire, [&](Hub::Found given) { found = given; });
  REQUIRE(found.stream);
  std::vector<SessionPtr> players;
  asio::post(worker.io(), [&] {
    for (int i = 0; i < 100; ++i) {
      players.push_back(std::make_shared<TestSession>(worker, found.stream, log));
      players.back()->start(found, last_bytes);
    }
  });
  for (std::int64_t i = 1; i < 500 || worker.players() < 100; ++i) {
    hub.append(*published, sample_video(i % 50 == 0, i * 40, 500));
    io.restart();
    io.run_for(std::chrono::microseconds(100));
  }
  worker.stop();
  while (!worker.stopped()) std::this_thread::sleep_for(1ms);
  for (const auto& player : players) {
    CHECK(player->closed);
    CHECK(player->peer.sent().size() > 500);
  }
  CHECK(worker.players() == 0);
  hub.end_all();
  hub.stop();
  worker.close();  // lets go of what it was woken for since then
  io.restart();
  io.poll();
}
