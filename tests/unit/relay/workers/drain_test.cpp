// The last time of a relay: until nobody is left, or the time is over.
#include "srs-relay/workers/drain.h"

#include <doctest/doctest.h>

#include "net/listener.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace std::chrono_literals;
using relay::Drain;
using relay::Worker;

namespace {

// Connections that the test counts.
class TestProtocol : public relay::Protocol {
 public:
  explicit TestProtocol(std::size_t& connections) : connections_(connections) {}
  void serve(net::Socket, net::Ticket) override {}
  std::size_t connections() const override { return connections_; }
  void close() override {}

 private:
  std::size_t& connections_;
};

struct Stage {
  Stage() {
    for (std::size_t i = 0; i < 2; ++i) {
      workers.push_back(std::make_unique<Worker>(i, clock, Worker::Options{15s}));
      std::vector<std::unique_ptr<relay::Protocol>> protocols;
      protocols.push_back(std::make_unique<TestProtocol>(connections[i]));
      workers.back()->set_protocols(std::move(protocols));
      workers.back()->begin();
    }
  }
  ~Stage() {
    drain.stop();
    advance(1s);
    for (const auto& worker : workers) worker->close();
  }
  void begin(std::chrono::milliseconds time) {
    drain.begin(
        time, [this] { return publishers; }, [this] { ++done; });
  }
  void advance(std::chrono::milliseconds time) {
    clock.advance({&io, &workers[0]->io(), &workers[1]->io()}, time);
  }

  asio::io_context io;
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  std::size_t connections[2] = {0, 0};
  std::size_t publishers = 0;
  int done = 0;
  std::vector<std::unique_ptr<Worker>> workers;
  Drain drain{io, clock, workers, log};
};

constexpr auto handed_over = net::Listener::hand_over_time;

}  // namespace

TEST_CASE("with nobody there a drain ends once the listeners are handed over") {
  Stage stage;
  stage.begin(30s);
  CHECK(stage.drain.running());
  stage.advance(handed_over - 1ms);
  CHECK(stage.done == 0);
  stage.advance(1ms);
  CHECK(stage.done == 1);
  CHECK_FALSE(stage.drain.running());
  stage.advance(60s);
  CHECK(stage.done == 1);
}

TEST_CASE("whoever comes during the hand-over is waited for") {
  Stage stage;
  stage.begin(30s);
  stage.advance(handed_over - 1ms);
  stage.connections[1] = 1;
  stage.advance(10s);
  CHECK(stage.done == 0);
}

TEST_CASE("a drain ends soon after the last one has left, whichever worker it is on") {
  for (const std::size_t last : {0u, 1u}) {
    Stage stage;
    stage.connections[0] = stage.connections[1] = 1;
    stage.begin(30s);
    stage.advance(5s);
    stage.connections[1 - last] = 0;
    stage.advance(5s);
    CHECK(stage.done == 0);
    stage.connections[last] = 0;
    stage.advance(50ms);
    CHECK(stage.done == 1);
  }
}

TEST_CASE("publishers are waited for, too") {
  Stage stage;
  stage.publishers = 1;
  stage.begin(30s);
  stage.advance(10s);
  CHECK(stage.done == 0);
  stage.publishers = 0;
  stage.advance(50ms);
  CHECK(stage.done == 1);
}

TEST_CASE("when the time is over a drain ends, whoever is there") {
  for (const auto time : {100ms, 1000ms, 30'000ms}) {
    Stage stage;
    stage.connections[0] = stage.publishers = 1;
    stage.begin(time);
    stage.advance(time - 1ms);
    CHECK(stage.done == 0);
    stage.advance(1ms);
    CHECK(stage.done == 1);
    stage.advance(1s);
    CHECK(stage.done == 1);
  }
}

TEST_CASE("the last one leaves at the moment at which the time is over: it is done once") {
  Stage stage;
  stage.connections[0] = 1;
  stage.begin(handed_over);
  stage.connections[0] = 0;
  stage.advance(handed_over);
  CHECK(stage.done == 1);
  stage.advance(1s);
  CHECK(stage.done == 1);
}

TEST_CASE("a worker that does not answer holds up a drain no longer than its time") {
  Stage stage;
  stage.begin(1s);
  const auto one_is_stuck = {&stage.io, &stage.workers[0]->io()};
  stage.clock.advance(one_is_stuck, 999ms);
  CHECK(stage.done == 0);
  stage.clock.advance(one_is_stuck, 1ms);
  CHECK(stage.done == 1);
  stage.advance(1s);  // its answer comes now
  CHECK(stage.done == 1);
}

TEST_CASE("to begin again while it runs changes nothing") {
  Stage stage;
  stage.connections[0] = 1;
  stage.begin(1s);
  int others = 0;
  stage.drain.begin(
      60s, [] { return std::size_t{1}; }, [&] { ++others; });
  stage.advance(1s);
  CHECK(stage.done == 1);
  CHECK(others == 0);
}

TEST_CASE("whoever is called at the end may stop it, or begin again") {
  Stage stage;
  int ends = 0;
  stage.drain.begin(
      1s, [] { return std::size_t{0}; },
      [&] {
        CHECK_FALSE(stage.drain.running());
        stage.drain.stop();
        if (++ends == 1) stage.begin(5s);
      });
  stage.advance(handed_over);
  CHECK(ends == 1);
  CHECK(stage.done == 0);
  stage.advance(handed_over);
  CHECK(stage.done == 1);
}

TEST_CASE("a drain that is stopped does not end, and what was counted for it counts no more") {
  Stage stage;
  stage.begin(1s);
  const auto nobody_answers = {&stage.io};
  stage.clock.advance(nobody_answers, handed_over);
  stage.drain.stop();
  CHECK_FALSE(stage.drain.running());
  stage.begin(30s);
  stage.advance(handed_over - 1ms);
  CHECK(stage.done == 0);
  stage.advance(1ms);
  CHECK(stage.done == 1);
}
