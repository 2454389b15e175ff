// Which worker serves a player.
#include <doctest/doctest.h>

#include "log/flv_wire.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/worker.h"
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

TEST_CASE(
    "a stream's first players are served by the worker that reads it, many by those that they came to") {
  asio::io_context io;
  net::ManualClock clock;
  const cli::Log log("test", cli::LogLevel::error, cli::LogFormat::text);
  const log::FlvWire wire;
  std::vector<std::unique_ptr<Worker>> workers;
  relay::Wakers wakers;
  for (std::size_t i = 0; i < 2; ++i) {
    workers.push_back(std::make_unique<Worker>(i, clock, Worker::Options{15s}));
    workers.back()->set_siblings(workers);
    wakers.push_back(workers.back().get());
  }
  Hub hub(io, clock, {}, nullptr, wakers, "node", log);
  Worker &home = *workers[1], &other = *workers[0];
  const auto published = hub.begin_on(home.io(), {"live/a", "test"});
  const auto own = hub.begin({"live/b", "test"});
  const std::shared_ptr<relay::Stream> stream = published->stream;
  CHECK(&other.server_of(*stream) == &home);
  CHECK(&home.server_of(*stream) == &home);
  CHECK(&other.server_of(*own->stream) == &other);  // the main thread's

  const relay::FoundStream found{stream, stream->wire(wire), {}};
  std::vector<SessionPtr> players;
  while (&other.server_of(*stream) == &home) {
    REQUIRE(players.size() < 100);
    players.push_back(std::make_shared<TestSession>(home, stream, log));
    players.back()->start(found, last_bytes);
  }
  CHECK(players.size() > 1);
  for (const auto& worker : workers) worker->close();
  hub.end(published, EndReason::ended);
  hub.end_all();
  hub.stop();
  io.poll();
  for (const auto& worker : workers) worker->shut_down();
}
