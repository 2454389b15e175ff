// Streams of other threads in the hub: the test turns both loops, so that each order of events is one that it
// chose.
#include <doctest/doctest.h>

#include "log/flv_wire.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/streams/hub_stream.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::media;
using namespace std::chrono_literals;
using relay::Hub;

namespace {

struct Stage {
  Hub::PublishedPtr begin(const std::string& path = "live/a") { return hub.begin_on(other, {path, "test"}); }
  void append_frames(const Hub::PublishedPtr& published) {
    for (auto&& message : {sample_header(flv::TagType::video, 0, 1), sample_header(flv::TagType::audio, 0, 1),
                           sample_video(true, 0), sample_audio(0)})
      hub.append(*published, message);
  }
  // How often it was answered, and with what.
  struct Asked {
    int answers = 0;
    Hub::Found found;
  };
  std::shared_ptr<Asked> find(std::chrono::milliseconds patience, const std::string& path = "live/a") {
    auto asked = std::make_shared<Asked>();
    relay::Wanted wanted;
    wanted.path = path;
    wanted.patience = patience;
    hub.find(wanted, wire, [asked](Hub::Found found) {
      ++asked->answers;
      asked->found = std::move(found);
    });
    return asked;
  }
  static void turn(asio::io_context& loop) { net::ManualClock::run(loop); }
  ~Stage() {
    hub.stop();
    turn(io);
    turn(other);
  }

  asio::io_context io, other;
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  const relay::Wakers wakers{};
  const log::FlvWire wire;
  Hub hub{io, clock, {}, nullptr, wakers, "node", log};
};

}  // namespace

TEST_CASE("a stream of another thread is there once the hub was told, and its wire is made by its thread") {
  Stage stage;
  const auto asked = stage.find(5s);
  const auto published = stage.begin();
  stage.append_frames(published);
  CHECK(stage.hub.streams().empty());
  stage.turn(stage.io);
  CHECK(stage.hub.streams().size() == 1);
  CHECK(asked->answers == 0);  // its thread is busy
  stage.turn(stage.other);
  REQUIRE(asked->answers == 1);
  CHECK(asked->found.stream == published->stream);
  CHECK(asked->found.wire != nullptr);
  stage.hub.end(published, EndReason::ended);
}

TEST_CASE("a stream that has ended is not found, also before the hub was told") {
  int playable = 0, ended = 0;
  Stage stage;
  stage.hub.on_playable.push_back([&](const auto&) { ++playable; });
  stage.hub.on_ended.push_back([&](const auto&) { ++ended; });
  const auto published = stage.begin();
  stage.append_frames(published);
  stage.turn(stage.io);
  stage.hub.end(published, EndReason::ended);
  const auto asked = stage.find(0s);
  CHECK(stage.hub.streams().size() == 1);
  stage.turn(stage.io);
  stage.turn(stage.other);
  stage.clock.advance(stage.io, 60s);
  CHECK(asked->answers == 1);
  CHECK(asked->found.stream == nullptr);
  CHECK(stage.hub.streams().empty());
  CHECK(playable == 1);
  CHECK(ended == 1);
}

TEST_CASE("a stream that ends before the hub heard of it, and its successor, are told of in their order") {
  std::vector<std::string> told;
  Stage stage;
  stage.hub.on_playable.push_back(
      [&](const auto& stream) { told.push_back("begins " + stream->info().origin); });
  stage.hub.on_ended.push_back([&](const auto& stream) { told.push_back("ends " + stream->info().origin); });
  const auto first = stage.hub.begin_on(stage.other, {"live/a", "first"});
  stage.append_frames(first);
  stage.hub.end(first, EndReason::ended);
  const auto second = stage.hub.begin_on(stage.other, {"live/a", "second"});
  stage.append_frames(second);
  stage.turn(stage.io);
  CHECK(told == std::vector<std::string>{"begins first", "ends first", "begins second"});
  CHECK_FALSE(second->refused);
  stage.hub.end(second, EndReason::ended);
}

TEST_CASE("an input of the hub's own has its path: a publisher's stream is refused, and nobody hears of it") {
  int playable = 0, ended = 0;
  Stage stage;
  const auto own = stage.hub.begin({"live/a", "stdin"});
  stage.append_frames(own);
  stage.hub.on_playable.push_back([&](const auto&) { ++playable; });
  stage.hub.on_ended.push_back([&](const auto&) { ++ended; });
  CHECK_FALSE(stage.hub.has_room_for("live/a"));
  CHECK(stage.hub.has_room_for("live/b"));

  relay::PublishedStreams sink(stage.hub, stage.other);
  const auto stream = sink.begin({"live/a", "late"});
  CHECK_FALSE(stream->refused());  // not known yet
  stream->on_message(sample_video(true, 0));
  stage.turn(stage.io);
  CHECK(stream->refused());
  stream->on_end(EndReason::ended);
  stage.turn(stage.io);
  CHECK(stage.hub.streams() == std::vector{own->stream});
  CHECK(playable + ended == 0);
  stage.hub.end(own, EndReason::ended);
}

TEST_CASE("a publisher that comes again is a matter of its publication, not of the hub") {
  Stage stage;
  const auto published = stage.begin();
  stage.turn(stage.io);
  CHECK(stage.hub.has_room_for("live/a"));
  stage.hub.end_all();
  CHECK_FALSE(published->stream->ended());  // its own thread ends it
  stage.hub.end(published, EndReason::ended);
  stage.turn(stage.io);
  CHECK(stage.hub.streams().empty());
}

TEST_CASE("who asks for a path that is pulled ends nothing: the pull gives way to a stream that begins") {
  Stage stage;
  const auto pulled = stage.hub.begin_pulled({"live/a", "origin"});
  CHECK(stage.hub.has_room_for("live/a"));
  CHECK_FALSE(pulled->stream->ended());
  CHECK(stage.hub.is_pulled("live/a"));
  stage.hub.end(pulled, EndReason::ended);
}
