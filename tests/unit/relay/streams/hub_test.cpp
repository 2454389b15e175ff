// Who looks for a stream, and what may happen meanwhile.
#include "srs-relay/streams/hub.h"

#include <doctest/doctest.h>

#include <vector>

#include "log/flv_wire.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::media;
using namespace std::chrono_literals;
using relay::Hub;
using relay::Wanted;
using relay::Wish;

namespace {

// What came of a look-up.
struct Asked {
  int answers = 0;
  Hub::Found found;
  bool has_stream() const { return answers == 1 && found.stream != nullptr; }
  bool has_none() const { return answers == 1 && found.stream == nullptr && !found.elsewhere; }
};

// Fetches nothing by itself: the test begins, admits and denies.
class TestUpstream : public relay::Upstream {
 public:
  Wish want(const Wanted& wanted) override {
    wants.push_back(wanted.path + "?" + wanted.permit);
    return wish;
  }
  std::chrono::milliseconds round_time() const override { return 7s; }
  bool asks_for_each() const override { return asks; }
  std::string permit(const std::string& query) const override { return query; }
  bool permits(const Wanted& wanted) const override { return wanted.permit == permitted; }
  bool redirects() const override { return sends_elsewhere; }
  void redirect(Wanted, std::function<void(std::optional<net::Url>)> done) override {
    done(*net::parse_url("rtmp://elsewhere/live/a"));
  }
  void yield(const std::string& path) override {
    yields.push_back(path);
    if (on_yield) on_yield();
  }

  Wish wish = Wish::fetching;
  bool asks = false, sends_elsewhere = false;
  std::string permitted;
  std::vector<std::string> wants, yields;
  std::function<void()> on_yield;
};

struct Stage {
  using Published = std::shared_ptr<Hub::Published>;

  Published begin(const std::string& path = "live/a") { return hub.begin({path, "test"}); }
  // Frames of both kinds: from now on it can be played.
  void append_frames(const Published& published, std::int64_t at_ms = 0) {
    for (auto&& message :
         {sample_header(flv::TagType::video, at_ms, 1), sample_header(flv::TagType::audio, at_ms, 1),
          sample_video(true, at_ms), sample_audio(at_ms)})
      hub.append(*published, message);
  }
  Published publish(const std::string& path = "live/a") {
    auto published = begin(path);
    REQUIRE(published);
    append_frames(published);
    return published;
  }
  Published fetch(const std::string& path = "live/a") {
    auto published = hub.begin_pulled({path, "origin"});
    REQUIRE(published);
    append_frames(published);
    return published;
  }
  void end(const Published& published) { hub.end(published, EndReason::ended); }
  std::shared_ptr<Asked> find(std::chrono::milliseconds patience, const std::string& permit = "",
                              const std::string& path = "live/a") {
    auto asked = std::make_shared<Asked>();
    Wanted wanted;
    wanted.path = path;
    wanted.query = permit;
    wanted.patience = patience;
    hub.find(wanted, wire, [asked](Hub::Found found) {
      ++asked->answers;
      asked->found = std::move(found);
    });
    return asked;
  }
  void advance(std::chrono::milliseconds time) { clock.advance(io, time); }
  void run() { net::ManualClock::run(io); }
  ~Stage() {
    hub.stop();
    run();
    CHECK(hub.waiters().size() == 0);
  }

  asio::io_context io;
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  const relay::Wakers wakers{};
  const log::FlvWire wire;
  TestUpstream upstream;
  Hub hub{io, clock, {}, nullptr, wakers, "node", log};
};

}  // namespace

TEST_CASE("whoever waits gets the stream once it can be played, not when it begins") {
  Stage stage;
  const auto asked = stage.find(5s), other = stage.find(5s, "", "live/b");
  stage.advance(1s);
  const auto published = stage.begin();
  stage.advance(1s);
  CHECK(asked->answers == 0);
  stage.append_frames(published);
  CHECK(asked->answers == 0);  // later, never from within append()
  stage.run();
  REQUIRE(asked->has_stream());
  CHECK(asked->found.stream == published->stream);
  CHECK(asked->found.wire != nullptr);
  CHECK(other->answers == 0);
  stage.advance(3s);
  CHECK(other->has_none());
}

TEST_CASE("a stream that is there is given at once, and one that nobody waits for is not there") {
  Stage stage;
  const auto published = stage.publish();
  CHECK(stage.find(0s)->has_stream());
  stage.end(published);
  CHECK(stage.find(0s)->has_none());
}

TEST_CASE("patience is over exactly when it is") {
  Stage stage;
  const auto asked = stage.find(5s);
  stage.advance(4999ms);
  CHECK(asked->answers == 0);
  stage.advance(1ms);
  CHECK(asked->has_none());
  stage.publish();
  stage.advance(10s);
  CHECK(asked->answers == 1);
}

TEST_CASE("at the moment at which patience is over the stream comes: one answer, whatever is first") {
  {
    Stage stage;
    const auto asked = stage.find(5s);
    stage.clock.jump(5s);
    stage.publish();  // before the timer has its turn
    stage.advance(0s);
    CHECK(asked->has_stream());
  }
  {
    Stage stage;
    const auto asked = stage.find(5s);
    net::Timer same_moment(stage.io, stage.clock);
    same_moment.expires_after(5s);
    same_moment.async_wait([&](asio::error_code) { stage.publish(); });
    stage.advance(5s);
    CHECK(asked->has_none());
    CHECK(stage.find(0s)->has_stream());
  }
  {
    Stage stage;
    net::Timer same_moment(stage.io, stage.clock);
    same_moment.expires_after(5s);
    same_moment.async_wait([&](asio::error_code) { stage.publish(); });
    const auto asked = stage.find(5s);
    stage.advance(5s);
    CHECK(asked->has_stream());
  }
}

TEST_CASE("a stream that ends before those who waited have their turn is not given") {
  Stage stage;
  const auto asked = stage.find(5s);
  const auto first = stage.publish();
  stage.end(first);
  stage.run();
  CHECK(asked->has_none());
}

TEST_CASE("a stream that ends and begins again meanwhile is given as the newer one") {
  Stage stage;
  const auto asked = stage.find(5s);
  stage.end(stage.publish());
  const auto second = stage.publish();
  stage.run();
  REQUIRE(asked->has_stream());
  CHECK(asked->found.stream == second->stream);
}

TEST_CASE("a stream that ends after it was given says so to whoever joins") {
  Stage stage;
  const auto published = stage.publish();
  const auto asked = stage.find(0s);
  stage.end(published);
  REQUIRE(asked->has_stream());
  CHECK(asked->found.stream->ended());
  CHECK_FALSE(asked->found.stream->cut_short());
}

TEST_CASE("a path is one publisher's until it ends") {
  Stage stage;
  const auto first = stage.begin();
  REQUIRE(first);
  CHECK_FALSE(stage.begin());
  CHECK_FALSE(stage.hub.begin_pulled({"live/a", "origin"}));
  stage.end(first);
  CHECK(stage.begin());
}

TEST_CASE("a stream that was announced longer than patience is waited for as long as its tracks take") {
  Stage stage;
  const auto published = stage.begin();
  const auto asked = stage.find(0s);
  CHECK(asked->answers == 0);
  // Sound never comes: after a second of the clock whatever is there is all.
  stage.hub.append(*published, sample_header(flv::TagType::video, 0, 1));
  stage.hub.append(*published, sample_video(true, 0));
  stage.advance(999ms);
  CHECK(asked->answers == 0);
  stage.advance(1ms);
  REQUIRE(asked->has_stream());
  CHECK_FALSE(asked->found.tracks.audio);
}

TEST_CASE("a fetched stream makes room for a publisher") {
  Stage stage;
  stage.hub.set_upstream(&stage.upstream);
  auto fetched = stage.fetch();
  CHECK(stage.hub.is_pulled("live/a"));
  // Whoever fetches it does not let go: it stays his.
  CHECK_FALSE(stage.begin());
  stage.upstream.on_yield = [&] { stage.end(std::exchange(fetched, nullptr)); };
  const auto published = stage.begin();
  REQUIRE(published);
  CHECK(stage.upstream.yields == std::vector<std::string>{"live/a", "live/a"});
  CHECK_FALSE(stage.hub.is_pulled("live/a"));
  // It is not given before it can be played, and it is not sought elsewhere.
  const auto asked = stage.find(5s);
  CHECK(stage.upstream.wants.empty());
  stage.append_frames(published);
  stage.run();
  REQUIRE(asked->has_stream());
  CHECK(asked->found.stream == published->stream);
}

TEST_CASE("what is fetched is waited for as long as a round of the origins takes") {
  Stage stage;
  stage.hub.set_upstream(&stage.upstream);
  const auto asked = stage.find(0s);
  stage.advance(6s);
  CHECK(asked->answers == 0);
  stage.fetch();
  stage.run();
  CHECK(asked->has_stream());
  stage.upstream.wish = Wish::nobody;
  CHECK(stage.find(0s, "", "live/b")->has_none());
  stage.upstream.wish = Wish::refused;
  CHECK(stage.find(5s, "", "live/c")->has_none());
}

TEST_CASE("when no origin has it, those without patience go and the others stay") {
  Stage stage;
  stage.hub.set_upstream(&stage.upstream);
  const auto hasty = stage.find(1s, "a"), patient = stage.find(6s, "a"), other = stage.find(0s, "b");
  stage.advance(2s);
  stage.hub.give_up("live/a", "a");
  stage.run();
  CHECK(hasty->has_none());
  CHECK(patient->answers == 0);
  CHECK(other->answers == 0);
  stage.hub.give_up("live/a", "b");
  stage.run();
  CHECK(other->has_none());
  stage.fetch();
  stage.run();
  CHECK(patient->has_stream());
}

TEST_CASE("a fetched stream is given to those whom the origin permits it, and to each of them once") {
  Stage stage;
  stage.hub.set_upstream(&stage.upstream);
  stage.upstream.asks = true;
  const auto good = stage.find(5s, "good"), bad = stage.find(5s, "bad"), unknown = stage.find(5s, "unknown");
  CHECK(stage.hub.asks_for_each());
  stage.upstream.permitted = "good";
  stage.hub.admit("live/a", "good");  // not here yet
  stage.run();
  CHECK(good->answers == 0);
  stage.fetch();
  stage.run();
  CHECK(good->has_stream());
  CHECK(bad->answers == 0);
  stage.hub.deny("live/a", "bad");
  stage.run();
  CHECK(bad->has_none());
  CHECK(unknown->answers == 0);
  // The stream is here, and each new permit is asked about.
  stage.upstream.wants.clear();
  CHECK(stage.find(5s, "good")->has_stream());
  const auto late = stage.find(0s, "late");
  CHECK(stage.upstream.wants == std::vector<std::string>{"live/a?late"});
  CHECK(late->answers == 0);
  stage.upstream.permitted = "late";
  stage.hub.admit("live/a", "late");
  stage.run();
  CHECK(late->has_stream());
  // Whoever is published here is everybody's.
  stage.publish("live/b");
  CHECK(stage.find(0s, "bad", "live/b")->has_stream());
}

TEST_CASE("a permit that is withdrawn before its turn gives nothing") {
  Stage stage;
  stage.hub.set_upstream(&stage.upstream);
  stage.upstream.asks = true;
  const auto asked = stage.find(5s, "good");
  stage.upstream.permitted = "good";
  stage.fetch();
  stage.upstream.permitted = "";
  stage.run();
  CHECK(asked->has_none());
}

TEST_CASE("with redirects players are sent to where the stream is, but not from what is here") {
  Stage stage;
  stage.hub.set_upstream(&stage.upstream);
  stage.upstream.sends_elsewhere = true;
  const auto asked = stage.find(5s);
  REQUIRE(asked->answers == 1);
  REQUIRE(asked->found.elsewhere);
  CHECK(asked->found.elsewhere->host == "elsewhere");
  stage.publish();
  CHECK(stage.find(5s)->has_stream());
}

TEST_CASE("at the end nobody waits any more, and nobody begins to") {
  Stage stage;
  const auto asked = stage.find(60s), other = stage.find(60s, "", "live/b");
  stage.hub.stop();
  stage.run();
  CHECK(asked->has_none());
  CHECK(other->has_none());
  CHECK(stage.find(60s)->has_none());
}

TEST_CASE("streams that end while the relay leaves may go on elsewhere") {
  Stage stage;
  int playable = 0, ended = 0;
  stage.hub.on_playable.push_back([&](const auto&) { ++playable; });
  stage.hub.on_ended.push_back([&](const auto&) { ++ended; });
  const auto first = stage.publish("live/a")->stream, second = stage.begin("live/b")->stream;
  stage.hub.leave();
  stage.hub.end_all();
  CHECK(first->cut_short());
  CHECK(second->cut_short());
  CHECK(stage.hub.streams().empty());
  // Nobody was told of the one that could not be played.
  CHECK(playable == 1);
  CHECK(ended == 1);
}

TEST_CASE("a stream whose source is lost may go on elsewhere; one that ended does not") {
  Stage stage;
  const auto lost = stage.publish("live/a"), ended = stage.publish("live/b");
  const auto lost_stream = lost->stream, ended_stream = ended->stream;
  stage.hub.end(lost, EndReason::lost);
  stage.hub.end(ended, EndReason::ended);
  CHECK(lost_stream->cut_short());
  CHECK_FALSE(ended_stream->cut_short());
}
