// One stream from one origin after another: loss, return, silence, leaving and ends, in every order, on a
// clock that is turned by hand and over connections that are played by the test.
#include <doctest/doctest.h>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>

#include "http/client.h"
#include "log/flv_wire.h"
#include "srs-relay/origins/pull.h"
#include "srs-relay/origins/pull_connection.h"
#include "srs-relay/origins/pulls.h"
#include "srs-relay/streams/hub.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::relay;
using namespace std::chrono_literals;

namespace {

// What an origin would do on one connection. The test says what comes.
struct Script {
  std::string origin;           // "rtmp://o1:1935"
  Error refusal{Errc::io, ""};  // a message: open() fails with it
  bool answers = true;          // else open() waits for its time-out
  std::string via, timeline;
  std::deque<media::Message> messages;
  bool ends = false;  // behind the messages
  bool breaks = false;
  bool asks_to_leave = false;
  bool is_open = false, is_cancelled = false;
};
using ScriptPtr = std::shared_ptr<Script>;

class ScriptedConnection : public PullConnection {
 public:
  ScriptedConnection(asio::io_context& io, const Clock& clock, ScriptPtr script)
      : script_(std::move(script)), timer_(io, clock) {}
  ~ScriptedConnection() override { script_->is_open = false; }

  asio::awaitable<Result<void>> open(std::chrono::milliseconds timeout) override {
    if (!script_->answers) {
      co_await wait(timeout);
      co_return Error{script_->is_cancelled ? Errc::closed : Errc::timed_out, "no answer"};
    }
    if (!script_->refusal.message.empty()) co_return Error(script_->refusal);
    script_->is_open = true;
    via_ = script_->via;
    timeline_ = script_->timeline;
    co_return Result<void>();
  }
  asio::awaitable<Result<std::optional<media::Message>>> read(std::chrono::milliseconds timeout) override {
    for (auto left = timeout;; left -= tick) {
      if (script_->is_cancelled || script_->breaks) co_return Error{Errc::closed, "it broke off"};
      if (!script_->messages.empty()) {
        media::Message message = script_->messages.front();
        script_->messages.pop_front();
        co_return std::optional(std::move(message));
      }
      if (script_->ends) co_return std::optional<media::Message>();
      if (left <= 0ms) co_return Error{Errc::timed_out, "silence"};
      co_await wait(std::min(left, tick));
    }
  }
  void cancel() override {
    script_->is_cancelled = true;
    timer_.cancel();
  }
  bool asks_to_leave() const override { return script_->asks_to_leave; }

 private:
  static constexpr std::chrono::milliseconds tick{10};

  asio::awaitable<void> wait(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    asio::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  const ScriptPtr script_;
  net::Timer timer_;
};

struct Rig {
  explicit Rig(std::vector<std::string> urls, PullOptions options = {}) {
    Origins::Options of;
    for (const std::string& url : urls) {
      of.origins.push_back(*parse_origin(url));
      of.origins.back().priority = static_cast<unsigned>(of.origins.size());  // asked in this order
    }
    of.timeout = 1s;
    origins.emplace(io, clock, of, http, log);
    REQUIRE(origins->load());
    options.timeout = 3s;
    options.grace = 5s;
    options.linger = 60s;  // nobody plays here
    options.node = "us";
    options.connect = [this](const Origin& origin, PullTarget) { return connect(origin); };
    pulls.emplace(io, clock, options, hub, *origins, http, log);
    hub.set_upstream(&*pulls);
    hub.on_ended.push_back([this](const std::shared_ptr<Stream>& stream) {
      events.push_back(stream->path() + (stream->cut_short() ? " lost" : " ended"));
    });
  }
  ~Rig() {
    pulls->stop();
    hub.end_all();
    hub.stop();
    origins->stop();
    pass(1s);
  }

  std::unique_ptr<PullConnection> connect(const Origin& origin) {
    auto script = std::make_shared<Script>();
    const std::string name = origin.name();
    if (const auto prepared = next.find(name); prepared != next.end() && !prepared->second.empty()) {
      script = prepared->second.front();
      prepared->second.pop_front();
    } else {
      script->refusal = {Errc::not_found, "it does not have it"};
    }
    script->origin = name;
    opened.push_back(script);
    return std::make_unique<ScriptedConnection>(io, clock, script);
  }
  // The next connection to this origin goes so.
  ScriptPtr prepare(const std::string& origin) {
    auto script = std::make_shared<Script>();
    next[origin].push_back(script);
    return script;
  }
  void want(std::chrono::milliseconds patience = 2s) {
    Wanted wanted;
    wanted.path = "live/a";
    wanted.patience = patience;
    wanted.client = "10.0.0.9:1";
    hub.find(wanted, wire, [this](Hub::Found got) { found.push_back(std::move(got)); });
  }
  void pass(std::chrono::steady_clock::duration time) { clock.advance(io, time); }
  // A GOP of five pictures from this time on, with what is needed to begin.
  static void bring(Script& script, std::int64_t from_ms) {
    script.messages.push_back(media::sample_header(flv::TagType::video, from_ms, 1));
    for (int i = 0; i < 5; ++i)
      script.messages.push_back(media::sample_video(i == 0, from_ms + 40 * i, 2'000));
  }
  const Stream& stream() const { return *found.front().stream; }
  std::uint64_t frames() const { return stream().meter().figures(clock.steady()).video_frames; }

  asio::io_context io;
  net::ManualClock clock;
  cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  Wakers wakers;
  log::FlvWire wire{log::Annotations::sent, log::Framing::plain};
  Hub hub{io, clock, {}, nullptr, wakers, "us", log};
  http::Client http{io};
  std::optional<Origins> origins;
  std::optional<Pulls> pulls;
  std::map<std::string, std::deque<ScriptPtr>> next;
  std::vector<ScriptPtr> opened;
  std::vector<Hub::Found> found;
  std::vector<std::string> events;
};

constexpr const char* first = "rtmp://o1:1935";
constexpr const char* second = "rtmp://o2:1935";

std::vector<std::string> asked(const Rig& rig) {
  std::vector<std::string> names;
  for (const ScriptPtr& script : rig.opened) names.push_back(script->origin);
  return names;
}

}  // namespace

TEST_CASE("pull: the first origin that has the stream plays it, and nobody else is asked") {
  Rig rig({first, second});
  rig.bring(*rig.prepare(first), 0);
  rig.want();
  rig.pass(2100ms);  // its tracks are all there once nothing more may come
  REQUIRE(rig.found.size() == 1);
  REQUIRE(rig.found.front().stream);
  CHECK(rig.frames() == 5);
}

TEST_CASE("pull: an origin that breaks off is replaced, its players stay, and no frame comes twice") {
  Rig rig({first, second});
  const auto one = rig.prepare(first), two = rig.prepare(second);
  rig.bring(*one, 0);
  one->timeline = two->timeline = "t";
  rig.want();
  rig.pass(100ms);
  rig.bring(*two, 0);
  two->messages.push_back(media::sample_video(false, 200, 2'000));
  one->breaks = true;
  rig.pass(3s);
  REQUIRE(rig.found.size() == 1);
  CHECK(asked(rig) == std::vector<std::string>{first, second});
  CHECK(rig.frames() == 6);
  CHECK(rig.events.empty());
  CHECK(rig.hub.is_pulled("live/a"));
}

TEST_CASE("pull: an origin that says nothing is left after the time-out, to the millisecond") {
  Rig rig({first, second});
  const auto one = rig.prepare(first), two = rig.prepare(second);
  rig.bring(*one, 0);
  rig.bring(*two, 0);
  rig.want();
  rig.pass(100ms);
  REQUIRE(rig.opened.size() == 1);
  rig.pass(2'850ms);
  CHECK(one->is_open);
  rig.pass(100ms);
  CHECK_FALSE(one->is_open);
  CHECK(rig.opened.size() == 2);
}

TEST_CASE("pull: a stream that no origin has any more is lost after the grace time") {
  Rig rig({first});
  const auto one = rig.prepare(first);
  rig.bring(*one, 0);
  rig.want();
  rig.pass(2100ms);
  REQUIRE(rig.found.size() == 1);
  one->messages.push_back(media::sample_video(false, 200, 2'000));
  rig.pass(20ms);
  one->breaks = true;
  rig.pass(4s);
  CHECK(rig.events.empty());
  rig.pass(12s);  // the attempts have gaps
  CHECK(rig.events == std::vector<std::string>{"live/a lost"});
  CHECK(rig.pulls->size() == 0);
}

TEST_CASE("pull: an origin that is back within the grace time goes on") {
  Rig rig({first});
  const auto one = rig.prepare(first);
  one->timeline = "t";
  rig.bring(*one, 0);
  rig.want();
  rig.pass(2100ms);
  one->messages.push_back(media::sample_video(false, 200, 2'000));
  rig.pass(20ms);
  one->breaks = true;
  rig.pass(1s);
  const auto again = rig.prepare(first);
  again->timeline = "t";
  rig.bring(*again, 240);
  again->messages.push_back(media::sample_video(false, 440, 2'000));
  rig.pass(4s);
  CHECK(rig.events.empty());
  CHECK(rig.frames() == 12);
}

TEST_CASE("pull: a relay of ours that says the stream has ended is believed") {
  Rig rig({first});
  const auto one = rig.prepare(first);
  one->via = "them";
  rig.bring(*one, 0);
  rig.want();
  rig.pass(2100ms);
  one->ends = true;
  rig.pass(2s);
  CHECK(rig.events == std::vector<std::string>{"live/a ended"});
  CHECK(rig.opened.size() == 1);  // not asked again
}

TEST_CASE("pull: it comes from us: another origin is asked") {
  Rig rig({first, second});
  rig.prepare(first)->via = "us,them";
  rig.bring(*rig.prepare(second), 0);
  rig.want();
  rig.pass(2100ms);
  REQUIRE(rig.found.size() == 1);
  CHECK(rig.found.front().stream);
  CHECK(asked(rig) == std::vector<std::string>{first, second});
}

TEST_CASE("pull: an origin that asks us to leave is read until another has brought a frame") {
  Rig rig({first, second});
  const auto one = rig.prepare(first), two = rig.prepare(second);
  one->timeline = two->timeline = "t";
  rig.bring(*one, 0);
  rig.want();
  rig.pass(100ms);
  one->asks_to_leave = true;
  one->messages.push_back(media::sample_video(false, 200, 2'000));
  rig.pass(50ms);
  REQUIRE(rig.opened.size() == 2);
  CHECK(one->is_open);  // the other one has brought nothing yet
  one->messages.push_back(media::sample_video(false, 240, 2'000));
  rig.pass(50ms);
  rig.bring(*two, 0);
  for (const std::int64_t at : {200, 240, 280})
    two->messages.push_back(media::sample_video(false, at, 2'000));
  rig.pass(500ms);
  CHECK_FALSE(one->is_open);
  CHECK(two->is_open);
  rig.pass(2s);
  CHECK(rig.frames() == 8);
}

TEST_CASE("pull: an origin that leaves and has gone before another one is there") {
  Rig rig({first, second});
  const auto one = rig.prepare(first), two = rig.prepare(second);
  one->timeline = two->timeline = "t";
  rig.bring(*one, 0);
  rig.want();
  rig.pass(100ms);
  one->asks_to_leave = true;
  one->messages.push_back(media::sample_video(false, 200, 2'000));
  one->ends = true;
  rig.pass(20ms);
  rig.bring(*two, 0);
  rig.pass(3s);
  CHECK(rig.events.empty());
  CHECK(two->is_open);
}

TEST_CASE("pull: stopped while an origin is asked, while it plays, and while it waits") {
  {
    Rig rig({first});
    rig.prepare(first)->answers = false;
    rig.want();
    rig.pass(500ms);
    rig.pulls->stop();
    rig.pass(10ms);
    CHECK(rig.opened.front()->is_cancelled);
    CHECK(rig.pulls->size() == 0);
  }
  {
    Rig rig({first});
    rig.bring(*rig.prepare(first), 0);
    rig.want();
    rig.pass(2100ms);
    rig.pulls->stop();
    rig.pass(10ms);
    CHECK(rig.events == std::vector<std::string>{"live/a ended"});
    CHECK(rig.pulls->size() == 0);
  }
  {
    Rig rig({first});
    rig.want(1min);
    rig.pass(100ms);
    CHECK(rig.pulls->size() == 1);
    rig.pulls->stop();
    rig.pass(10ms);
    CHECK(rig.pulls->size() == 0);
  }
}

TEST_CASE("pull: a publisher takes the path while an origin is asked: what it brings later goes nowhere") {
  Rig rig({first});
  const auto one = rig.prepare(first);
  rig.want(1min);
  rig.pass(50ms);
  const auto published = rig.hub.begin({"live/a", "rtmp publisher", {}, {}});
  REQUIRE(published);
  rig.bring(*one, 0);
  rig.pass(1s);
  CHECK_FALSE(rig.hub.is_pulled("live/a"));
  CHECK(rig.pulls->size() == 0);
  CHECK(rig.opened.size() == 1);
  rig.hub.end(published, media::EndReason::ended);
}

TEST_CASE("pull: an operator cuts a connection off: the stream is fetched anew, and nobody is suspected") {
  Rig rig({first});
  const auto one = rig.prepare(first);
  rig.bring(*one, 0);
  rig.want();
  rig.pass(2100ms);
  one->messages.push_back(media::sample_video(false, 200, 2'000));
  rig.pass(20ms);
  rig.bring(*rig.prepare(first), 200);
  const auto states = rig.pulls->states();
  REQUIRE(states.size() == 1);
  CHECK(rig.pulls->cut_off(states.front().number));
  rig.pass(1s);
  CHECK(rig.opened.size() == 2);
  CHECK(rig.events.empty());
  CHECK_FALSE(rig.pulls->cut_off(states.front().number));
}
