// Publications on a manual clock: grace, takeover, loss and return, in every order.
#include "live/publications.h"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "unit/live/recording_sink.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::live;
using namespace std::chrono_literals;
using Events = std::vector<std::string>;
using FeedPtr = std::unique_ptr<Publications::Feed>;

namespace {

class Connection : public Publisher {
 public:
  void cut_off(CutOff cause, const std::string& why) override {
    said.push_back((cause == CutOff::replaced ? "replaced: " : "cut off: ") + why);
    if (on_cut_off) on_cut_off();
  }
  void ask_to_reconnect() override { said.emplace_back("asked to reconnect"); }

  Events said;
  std::function<void()> on_cut_off;
};

struct Rig {
  explicit Rig(Publications::Options options = {}) : publications(io, sink, std::move(options), log, clock) {}

  // Null if refused; the reason is in `refusal`.
  FeedPtr enter(const std::string& address, const std::shared_ptr<Connection>& connection,
                const std::string& path = "live/a", const std::string& via = {},
                const std::string& timeline = {}) {
    auto feed = publications.enter({"rtmp", path, address, "obs", via, timeline}, connection);
    refusal = feed ? "" : feed.error().message;
    return feed ? *std::move(feed) : nullptr;
  }
  FeedPtr enter(const std::string& address, const std::string& path = "live/a") {
    return enter(address, std::make_shared<Connection>(), path);
  }
  void pass(std::chrono::steady_clock::duration time) { clock.advance(io, time); }
  // A picture every 40 ms in [from, to), in real time.
  void publish(Publications::Feed& feed, std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40) {
      const media::Message frame = media::sample_video(at == from_ms, at);
      feed.push(frame.type, frame.timestamp_ms, frame.payload);
      pass(40ms);
    }
  }

  asio::io_context io;
  net::ManualClock clock;
  cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  RecordingSink sink;
  Publications publications;
  std::string refusal;
};

}  // namespace

TEST_CASE("a stream waits for its publisher for the grace time, to the millisecond") {
  Rig rig;
  auto feed = rig.enter("10.0.0.1:1");
  rig.publish(*feed, 0, 80);
  CHECK(rig.sink.take() == Events{"live/a begins (rtmp 10.0.0.1:1)", "live/a video 0", "live/a video 40"});
  feed->leave("it went");
  CHECK_FALSE(feed->is_current());
  rig.pass(14'999ms);
  CHECK(rig.publications.streams() == 1);
  CHECK(rig.sink.take() == Events{});
  rig.pass(1ms);
  CHECK(rig.sink.take() == Events{"live/a ended"});
  CHECK(rig.publications.streams() == 0);
}

TEST_CASE(
    "a publisher that returns in time continues, later by the time that passed, after a discontinuity") {
  Rig rig;
  auto first = rig.enter("10.0.0.1:1");
  rig.publish(*first, 0, 80);
  first->leave("it went");
  rig.pass(14'900ms);
  auto second = rig.enter("10.0.0.1:2");
  REQUIRE(second);
  rig.sink.take();
  rig.publish(*second, 0, 80);
  const Events events = rig.sink.take();
  // Its last frame was at 40 ms of the stream, 40 ms before it left.
  CHECK(events == Events{"live/a onDiscontinuity 14980", "live/a video 14980", "live/a video 15020"});
  rig.pass(1h);
  CHECK(rig.publications.streams() == 1);  // the earlier grace time has passed and ended nothing
}

TEST_CASE("the last moment of the grace time: the first event wins, and nothing is ended twice") {
  Rig rig;
  auto first = rig.enter("10.0.0.1:1");
  rig.publish(*first, 0, 40);
  first->leave("it went");
  rig.clock.jump(15s);  // the timer is due, but its handler has not run yet
  auto second = rig.enter("10.0.0.1:2");
  REQUIRE(second);
  rig.pass(0ms);
  CHECK(second->is_current());
  CHECK(rig.publications.streams() == 1);
  second->leave("it went, too");
  rig.pass(14'999ms);
  CHECK(rig.publications.streams() == 1);
  rig.pass(1ms);
  CHECK(rig.publications.streams() == 0);
  auto third = rig.enter("10.0.0.1:3");
  CHECK(rig.sink.take().back() == "live/a begins (rtmp 10.0.0.1:3)");
}

TEST_CASE("messages of a publisher that was replaced, has left or whose stream has ended are dropped") {
  Rig rig({.takeover = Publications::Takeover::kick});
  const auto connection = std::make_shared<Connection>();
  auto first = rig.enter("10.0.0.1:1", connection);
  rig.publish(*first, 0, 40);
  auto second = rig.enter("10.0.0.2:1");
  CHECK(connection->said == Events{"replaced: another publisher takes its place"});
  rig.sink.take();
  rig.publish(*first, 40, 80);
  first->report_left_out();
  first->leave("late");  // does not affect the second
  first.reset();
  CHECK(rig.sink.take() == Events{});
  CHECK(second->is_current());
  CHECK(rig.publications.clients().size() == 1);
  rig.publications.stop();
  CHECK(rig.sink.take() == Events{"live/a ended"});
  rig.publish(*second, 0, 40);
  second->leave("after the end");
  CHECK(rig.sink.take() == Events{});
  CHECK_FALSE(rig.enter("10.0.0.3:1"));
  CHECK(rig.refusal == "shutting down");
}

TEST_CASE("a publisher that is cut off may leave at once, while the next one enters") {
  Rig rig({.takeover = Publications::Takeover::kick});
  const auto connection = std::make_shared<Connection>();
  auto first = rig.enter("10.0.0.1:1", connection);
  rig.publish(*first, 0, 40);
  connection->on_cut_off = [&] { first->leave("it was cut off"); };
  auto second = rig.enter("10.0.0.2:1");
  REQUIRE(second);
  CHECK(second->is_current());
  rig.pass(1h);
  CHECK(rig.publications.streams() == 1);
}

TEST_CASE(
    "a second publisher is refused while the first is alive, and accepted after a long silence of the "
    "first") {
  Rig rig;
  const auto connection = std::make_shared<Connection>();
  auto first = rig.enter("10.0.0.1:1", connection);
  rig.publish(*first, 0, 40);
  rig.pass(4'960ms);  // 5 s since its last frame
  CHECK_FALSE(rig.enter("10.0.0.2:1"));
  CHECK(rig.refusal == "live/a is being published by another encoder");
  CHECK(connection->said == Events{});
  rig.pass(1ms);
  auto second = rig.enter("10.0.0.2:1");
  REQUIRE(second);
  CHECK(connection->said == Events{"replaced: it was silent and another came"});
  // The first sends again, too late.
  CHECK_FALSE(first->is_current());
}

TEST_CASE("a relay with the same timeline replaces its own dead connection sooner") {
  Rig rig;
  auto first = rig.enter("10.0.0.1:1", std::make_shared<Connection>(), "live/a", "edge", "t1");
  rig.publish(*first, 0, 40);
  rig.pass(961ms);
  CHECK_FALSE(rig.enter("10.0.0.1:2", std::make_shared<Connection>(), "live/a", "edge", "t2"));
  CHECK(rig.enter("10.0.0.1:2", std::make_shared<Connection>(), "live/a", "edge", "t1"));
}

TEST_CASE("a returning relay is spliced: repeated messages are dropped, timestamps stay") {
  Rig rig;
  auto first = rig.enter("10.0.0.1:1", std::make_shared<Connection>(), "live/a", "edge", "t1");
  rig.publish(*first, 5'000, 5'120);
  first->leave("it went");
  rig.pass(1s);
  auto second = rig.enter("10.0.0.1:2", std::make_shared<Connection>(), "live/a", "edge", "t1");
  rig.sink.take();
  for (const std::int64_t at : {5'000, 5'040, 5'080, 5'120, 5'160}) {
    const media::Message frame = media::sample_video(at == 5'000, at);
    second->push(frame.type, frame.timestamp_ms, frame.payload);
  }
  CHECK(rig.sink.take() == Events{"live/a video 5120", "live/a video 5160"});
}

TEST_CASE("a name that never brought media ends with its publisher") {
  Rig rig;
  auto feed = rig.enter("10.0.0.1:1");
  const media::Message metadata = media::sample_script("onMetaData", 0);
  feed->push(metadata.type, 0, metadata.payload);
  feed->leave("it went");
  CHECK(rig.publications.streams() == 0);
  CHECK(rig.sink.take().back() == "live/a ended");
}

TEST_CASE("a feed that is dropped leaves") {
  Rig rig;
  rig.publish(*rig.enter("10.0.0.1:1"), 0, 40);
  CHECK(rig.publications.clients().empty());
  CHECK(rig.publications.streams() == 1);
}

TEST_CASE("another input has the path: refused, and counted nowhere") {
  Rig rig({.limits = {.streams = 1}});
  rig.sink.reserved.insert("live/file");
  CHECK_FALSE(rig.enter("10.0.0.1:1", "live/file"));
  CHECK(rig.refusal == "live/file comes from another input");
  CHECK(rig.enter("10.0.0.1:1", "live/a"));
}

TEST_CASE("streams in all: one that waits counts, and its own publisher may come back") {
  Rig rig({.limits = {.streams = 1}});
  auto feed = rig.enter("10.0.0.1:1", "live/a");
  rig.publish(*feed, 0, 40);
  feed->leave("it went");
  CHECK_FALSE(rig.enter("10.0.0.1:2", "live/b"));
  CHECK(rig.refusal.find("--max-streams") != std::string::npos);
  CHECK(rig.enter("10.0.0.1:2", "live/a"));
}

TEST_CASE("a refused takeover leaves the first publisher as it was") {
  Rig rig({.takeover = Publications::Takeover::kick, .limits = {.streams = 10, .streams_per_address = 1}});
  auto first = rig.enter("10.0.0.1:1", "live/a");
  auto other = rig.enter("10.0.0.2:1", "live/b");
  CHECK_FALSE(rig.enter("10.0.0.2:2", "live/a"));  // the address has its one stream
  CHECK(first->is_current());
  CHECK(rig.publications.clients().size() == 2);
}

TEST_CASE("loops, and streams that are not accepted here") {
  Rig rig({.only_path = "live/a", .node = "us"});
  CHECK_FALSE(rig.enter("10.0.0.1:1", "live/b"));
  CHECK_FALSE(rig.enter("10.0.0.1:1", std::make_shared<Connection>(), "live/a", "them,us"));
  CHECK(rig.refusal == "loop: this stream was here before");
  CHECK_FALSE(rig.enter("10.0.0.1:1", std::make_shared<Connection>(), "live/a", std::string(10'000, 'x')));
  CHECK(rig.enter("10.0.0.1:1", std::make_shared<Connection>(), "live/a", "them"));
}

TEST_CASE(
    "draining: connected publishers are asked to leave, waiting streams end, and no stream waits any more") {
  Rig rig;
  const auto connection = std::make_shared<Connection>();
  auto here = rig.enter("10.0.0.1:1", connection, "live/a");
  auto gone = rig.enter("10.0.0.2:1", "live/b");
  rig.publish(*here, 0, 40);
  rig.publish(*gone, 0, 40);
  gone->leave("it went");
  rig.sink.take();
  rig.publications.drain();
  CHECK(rig.publications.draining());
  CHECK(connection->said == Events{"asked to reconnect"});
  CHECK(rig.sink.take() == Events{"live/b ended"});
  here->leave("it goes elsewhere");
  CHECK(rig.sink.take() == Events{"live/a ended"});
}

TEST_CASE("an operator disconnects a publisher by its number; it may come back, with a new number") {
  Rig rig;
  const auto connection = std::make_shared<Connection>();
  auto feed = rig.enter("10.0.0.1:1", connection);
  rig.publish(*feed, 0, 40);
  const auto clients = rig.publications.clients();
  REQUIRE(clients.size() == 1);
  CHECK(clients.front().protocol == "rtmp");
  CHECK(clients.front().received_bytes == 50);
  CHECK_FALSE(rig.publications.cut_off(clients.front().number + 1, "no"));
  CHECK(rig.publications.cut_off(clients.front().number, "an operator cut it off"));
  CHECK(connection->said == Events{"cut off: an operator cut it off"});
  feed->leave("it was cut off");
  auto again = rig.enter("10.0.0.1:2");
  REQUIRE(again);
  CHECK(rig.publications.clients().front().number != clients.front().number);
  CHECK(rig.publications.clients().front().received_bytes == 0);
  CHECK_FALSE(rig.publications.cut_off(clients.front().number, "too late"));
}

TEST_CASE("publishers wait while the sink is full, and all continue once it has room, or at shutdown") {
  Rig rig;
  int going = 0;
  const auto wait = [](Publications& publications, int& count) -> asio::awaitable<void> {
    co_await publications.wait_for_room();
    ++count;
  };
  rig.sink.is_full = true;
  for (int i = 0; i < 3; ++i) asio::co_spawn(rig.io, wait(rig.publications, going), asio::detached);
  rig.pass(1s);
  CHECK(going == 0);
  rig.sink.is_full = false;
  rig.pass(16ms);
  CHECK(going == 3);
  rig.sink.is_full = true;
  for (int i = 0; i < 3; ++i) asio::co_spawn(rig.io, wait(rig.publications, going), asio::detached);
  rig.pass(1s);
  rig.publications.stop();
  rig.pass(0ms);
  CHECK(going == 6);
}

TEST_CASE("a stream that turns out to come from another input ends, and its publisher is told") {
  Rig rig;
  const auto connection = std::make_shared<Connection>();
  auto feed = rig.enter("10.0.0.1:1", connection);
  rig.publish(*feed, 0, 40);
  rig.sink.take();
  rig.sink.reserved.insert("live/a");
  rig.publish(*feed, 40, 80);
  CHECK_FALSE(feed->is_current());
  CHECK(connection->said == Events{"replaced: the stream comes from another input"});
  CHECK(rig.sink.take() == Events{"live/a ended"});
  CHECK(rig.publications.streams() == 0);
}

TEST_CASE("publications of several threads share one quota") {
  const auto quota = std::make_shared<StreamQuota>(StreamQuota::Limits{.streams = 1});
  Rig first({.quota = quota}), second({.quota = quota});
  auto feed = first.enter("10.0.0.1:1");
  REQUIRE(feed);
  CHECK_FALSE(second.enter("10.0.0.2:1", "live/b"));
  feed->leave("it went");  // without media: ends at once
  CHECK(second.enter("10.0.0.2:1", "live/b"));
}
