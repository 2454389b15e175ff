#include "gate/gate.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <cstdio>
#include <fstream>

#include "unit/hooks/hook_server.h"

namespace srs::gate {
namespace {

using namespace std::chrono_literals;
using access::Action;
using access::Grant;
using access::Question;
using access::Verdict;

// Its UTC is turned by hand; the rest runs.
class UtcClock : public Clock {
 public:
  std::chrono::system_clock::time_point utc() const override { return Clock::utc() + added; }
  std::chrono::milliseconds added{0};
};

// A gate with rules in a file, on an io_context that runs as long as a test waits.
class Scene {
 public:
  explicit Scene(const std::string& rules, GateOptions options = {}) : options_(std::move(options)) {
    if (!rules.empty()) options_.file = "/tmp/srs-gate-test-" + std::to_string(::getpid()) + ".toml";
    if (!rules.empty()) write(rules);
    const auto opened = gate.open(options_, {"test", ""});
    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  }
  ~Scene() {
    if (!options_.file.empty()) std::remove(options_.file.c_str());
  }

  void write(const std::string& rules) const { std::ofstream(options_.file) << rules; }
  Verdict admit(const Question& question) {
    std::optional<Verdict> verdict;
    const hooks::Client client;
    asio::co_spawn(
        io, [&]() -> asio::awaitable<void> { verdict = co_await gate.admit(question, client); },
        asio::detached);
    until([&] { return verdict.has_value(); });
    return *verdict;
  }
  // Whether it came to be within ten seconds.
  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(10ms);
    }
    return done();
  }
  Right hold(const Question& question, const Grant& grant, std::string& ended) {
    return gate.hold(question, {}, grant, io.get_executor(),
                     [&ended](const std::string& why) { ended = why; });
  }

  asio::io_context io;
  UtcClock clock;
  const cli::Log log{"test", static_cast<cli::LogLevel>(-1), cli::LogFormat::text};
  Gate gate{io, log, clock};

 private:
  GateOptions options_;
};

Question question(Action action, std::string path, std::string key = {}) {
  Question asked{.action = action, .protocol = "rtmp", .path = std::move(path), .address = "10.0.0.7:1"};
  asked.credentials.key = std::move(key);
  asked.stays = true;
  return asked;
}

constexpr const char* rules = "[keys.a]\nkey = \"a-long-key\"\nallow = [\"publish live/*\"]\n";

TEST_CASE("without rules everybody may do everything, and nothing is kept") {
  Scene scene("");
  const Verdict verdict = scene.admit(question(Action::publish, "live/a"));
  REQUIRE(verdict);
  std::string ended;
  const Right right = scene.hold(question(Action::publish, "live/a"), *verdict.grant, ended);
  CHECK(scene.gate.held() == 0);
}

TEST_CASE("a right ends when the rules change, whether it was held before or is held after") {
  Scene scene(rules);
  const Question asked = question(Action::publish, "live/a", "a-long-key");
  const Verdict verdict = scene.admit(asked);
  REQUIRE(verdict);
  std::string ended, ended_late;
  const Right right = scene.hold(asked, *verdict.grant, ended);
  CHECK(scene.gate.held() == 1);
  scene.write("[keys.a]\nkey = \"another-key\"\nallow = [\"publish live/*\"]\n");
  scene.gate.reload();
  CHECK(scene.until([&] { return !ended.empty(); }));
  const Right late = scene.hold(asked, *verdict.grant, ended_late);
  CHECK(scene.until([&] { return !ended_late.empty(); }));
  CHECK_FALSE(scene.admit(asked));
  CHECK(scene.gate.figures().ended == 1);
}

TEST_CASE("rules with an error leave those that are there") {
  Scene scene(rules);
  scene.write("[keys.a\n");
  scene.gate.reload();
  CHECK(scene.admit(question(Action::publish, "live/a", "a-long-key")));
  CHECK(scene.gate.figures().bad_reloads == 1);
}

TEST_CASE("a file that changes is read by itself") {
  Scene scene(rules);
  scene.write("[keys.b]\nkey = \"b-longer-key\"\nallow = [\"publish live/*\"]\n");
  CHECK(scene.until([&] { return scene.gate.figures().reloads == 1; }));
  CHECK(scene.admit(question(Action::publish, "live/a", "b-longer-key")));
}

TEST_CASE("a right that is over by the time ends, and one that was given back is not told") {
  Scene scene(std::string(rules) + "until = 2099-01-01T00:00:00Z\n");
  const Question asked = question(Action::publish, "live/a", "a-long-key");
  std::string ended, never_ended;
  const Right right = scene.hold(asked, *scene.admit(asked).grant, ended);
  { const Right brief = scene.hold(asked, *scene.admit(asked).grant, never_ended); }
  CHECK(scene.gate.held() == 1);
  scene.clock.added = std::chrono::hours(24 * 365 * 80);
  CHECK(scene.until([&] { return !ended.empty(); }));
  CHECK(never_ended.empty());
}

TEST_CASE("limits refuse, and a right that is given back makes room") {
  GateOptions options;
  options.seats.players = 1;
  Scene scene("", options);
  const Question asked = question(Action::play, "live/a");
  std::string ended;
  {
    const Right right = scene.hold(asked, *scene.admit(asked).grant, ended);
    CHECK(scene.admit(asked).refusal.kind == access::Refusal::Kind::too_many);
  }
  CHECK(scene.admit(asked));
}

std::string hook_rules(std::uint16_t port, const std::string& more = {}) {
  return "[hooks.h]\nurl = \"http://127.0.0.1:" + std::to_string(port) +
         "/\"\nevents = [\"publish\", \"play\"]\nttl = \"0s\"\n" + more;
}

std::string json(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_CASE("call-backs decide about those whom the rules do not know, and may refuse whom they do") {
  std::atomic<bool> allows = true;
  hooks::HookServer server([&](const hooks::Seen&, asio::ip::tcp::socket&) {
    return json(allows ? R"({"allow":true,"user":"alice"})" : R"({"allow":false,"reason":"no"})");
  });
  Scene scene(rules + hook_rules(server.port()));
  const Verdict unknown = scene.admit(question(Action::play, "live/a"));
  REQUIRE_MESSAGE(unknown, unknown.refusal.why);
  CHECK(unknown.grant->user == "alice");
  const Verdict known = scene.admit(question(Action::publish, "live/a", "a-long-key"));
  REQUIRE(known);
  CHECK(known.grant->identity.name == "keys.a");
  CHECK_FALSE(scene.admit(question(Action::publish, "vod/a", "a-long-key")));  // the rules say no
  allows = false;
  CHECK_FALSE(scene.admit(question(Action::publish, "live/a", "a-long-key")));
  CHECK_FALSE(scene.admit(question(Action::play, "live/a")));
}

TEST_CASE("what a call-back gave for a time is asked for again") {
  std::atomic<int> asked = 0;
  hooks::HookServer server([&](const hooks::Seen&, asio::ip::tcp::socket&) {
    return json(++asked <= 2 ? R"({"allow":true,"expires_in":1})"
                             : R"({"allow":false,"reason":"it is over"})");
  });
  Scene scene(hook_rules(server.port()));
  const Question play = question(Action::play, "live/a");
  const Verdict verdict = scene.admit(play);
  REQUIRE_MESSAGE(verdict, verdict.refusal.why);
  std::string ended;
  const Right right = scene.hold(play, *verdict.grant, ended);
  CHECK(scene.until([&] { return !ended.empty(); }));
  CHECK(asked == 3);
}

TEST_CASE("a key whose time is over ends a right, though a call-back is asked about the same action") {
  hooks::HookServer server(
      [&](const hooks::Seen&, asio::ip::tcp::socket&) { return json(R"({"allow":true})"); });
  Scene scene(std::string(rules) + "until = 2099-01-01T00:00:00Z\n" + hook_rules(server.port()));
  const Question asked = question(Action::publish, "live/a", "a-long-key");
  const Verdict verdict = scene.admit(asked);
  REQUIRE_MESSAGE(verdict, verdict.refusal.why);
  std::string ended;
  const Right right = scene.hold(asked, *verdict.grant, ended);
  scene.clock.added = std::chrono::hours(24 * 365 * 80);
  CHECK(scene.until([&] { return !ended.empty(); }));
}

TEST_CASE("a name that nobody proved is nobody's") {
  GateOptions options;
  options.seats.players_per_user = 1;
  Scene scene("[anyone]\nallow = [\"play\"]\n", options);
  Question asked = question(Action::play, "live/a");
  asked.credentials.user = "alice";
  const Verdict first = scene.admit(asked), second = scene.admit(asked);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first.grant->user.empty());
}

TEST_CASE("a call-back hears of the stream by its own name, and may give another one") {
  std::atomic<bool> heard_key = false;
  hooks::HookServer server([&](const hooks::Seen& seen, asio::ip::tcp::socket&) {
    if (seen.body.find("the-stream-key") != std::string::npos) heard_key = true;
    return json(R"({"allow":true,"path":"live/other"})");
  });
  Scene scene("[keys.a]\nkey = \"the-stream-key\"\npath = \"live/a\"\nallow = [\"publish live/a\"]\n" +
              hook_rules(server.port()));
  const Verdict verdict = scene.admit(question(Action::publish, "live/the-stream-key"));
  REQUIRE_MESSAGE(verdict, verdict.refusal.why);
  CHECK(verdict.grant->path == "live/other");
  CHECK_FALSE(heard_key);
}

TEST_CASE("who was admitted and did not begin is told to have ended") {
  const std::string file = "/tmp/srs-gate-audit-" + std::to_string(::getpid());
  GateOptions options;
  options.audit.destination = file;
  std::string text;
  {
    Scene scene("", options);
    CHECK(scene.admit(question(Action::publish, "live/a")));
  }
  std::ifstream stream(file);
  text.assign(std::istreambuf_iterator<char>(stream), {});
  std::remove(file.c_str());
  CHECK(text.find("\"event\":\"publish\"") != std::string::npos);
  CHECK(text.find("\"event\":\"unpublish\"") != std::string::npos);
}

}  // namespace
}  // namespace srs::gate
