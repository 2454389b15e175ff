// Call-backs over HTTP, and servers that do what none should.
#include <doctest/doctest.h>

#include <atomic>

#include "access/digest.h"
#include "hooks/signature.h"
#include "unit/hooks/hook_server.h"

namespace srs::hooks {
namespace {

using Format = HookRules::Format;
using Refused = access::Refusal::Kind;

const std::string yes = answer("200 OK", R"({"allow":true,"user":"alice","expires_in":60})");
const std::string no = answer("200 OK", R"({"allow":false,"reason":"not paid"})");

// Asks once; nothing: it was allowed.
std::optional<access::Refusal> refusal_of(const HookRules& rules) {
  Tool tool(rules);
  const auto verdict = tool.ask(publish_of("live/cam1"));
  if (verdict) return std::nullopt;
  return verdict.refusal;
}

// An error, and within the time.
void check_error(HookRules rules) {
  CAPTURE(rules.url);
  rules.timeout = 400ms;
  const auto time = time_of([&] {
    const auto refused = refusal_of(rules);
    REQUIRE(refused.has_value());
    CHECK_MESSAGE(refused->kind == Refused::unavailable, refused->why);
  });
  CHECK(time < 3s);
  rules.allow_on_error = true;
  CHECK_FALSE(refusal_of(rules).has_value());
}

}  // namespace

TEST_CASE("a server that allows grants what it says") {
  HookServer server(yes);
  Tool tool(rules(server.url()));
  CHECK(tool.hooks().asks(access::Action::publish));
  CHECK_FALSE(tool.hooks().asks(access::Action::admin_read));
  const auto before = std::chrono::system_clock::now();
  const auto verdict = tool.ask(publish_of("live/cam1"), client());
  REQUIRE(verdict);
  CHECK(verdict.grant->path == "live/cam1");
  CHECK(verdict.grant->user == "alice");
  CHECK(verdict.grant->identity.kind == access::Identity::Kind::hook);
  CHECK(verdict.grant->identity.name == "billing");
  CHECK(verdict.grant->identity.fingerprint != 0);
  CHECK(verdict.grant->expires >= before + 60s);
  CHECK(verdict.grant->expires <= std::chrono::system_clock::now() + 60s);
  const auto seen = server.seen();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].head.starts_with("POST /hook HTTP/1.1\r\n"));
  CHECK(seen[0].field("Content-Type") == "application/json");
  CHECK(seen[0].field("X-Srs-Signature").empty());
  CHECK(seen[0].body.find(R"("id":"c17","node":"edge1")") != std::string::npos);
}

TEST_CASE("requests are signed") {
  HookServer server(yes);
  HookRules signed_rules = rules(server.url());
  signed_rules.secret = "hush";
  CHECK_FALSE(refusal_of(signed_rules).has_value());
  const auto seen = server.seen();
  REQUIRE(seen.size() == 1);
  const std::string time = seen[0].field("X-Srs-Timestamp");
  CHECK(std::abs(std::stoll(time) - std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())) <
        10);
  CHECK(seen[0].field("X-Srs-Signature") ==
        "sha256=" +
            access::hex_of(access::hmac_of(access::Digest::sha256, "hush", time + "." + seen[0].body)));
}

TEST_CASE("refusals are refusals whatever an error counts as") {
  for (const std::string& text : {no, answer("403 Forbidden", "no"), answer("404 Not Found", ""),
                                  answer("302 Found", "", "Location: http://127.0.0.1:1/\r\n"),
                                  answer("308 X", "", "Location: /yes\r\n")}) {
    HookServer server([&](const Seen& seen, tcp::socket&) {
      return seen.head.starts_with("POST /yes") || seen.head.starts_with("GET") ? yes : text;
    });
    HookRules lenient = rules(server.url());
    lenient.allow_on_error = true;
    const auto refused = refusal_of(lenient);
    REQUIRE(refused.has_value());
    CHECK(refused->kind == Refused::forbidden);
    CHECK(refused->why.starts_with("call-back billing: "));
    CHECK(server.seen().size() == 1);  // no redirect was followed
  }
  HookServer asks(answer("401 Unauthorized", ""));
  CHECK(refusal_of(rules(asks.url()))->kind == Refused::wrong);
}

TEST_CASE("nobody there, and nobody of that name") {
  check_error(rules("http://127.0.0.1:1/"));
  check_error(rules("http://nowhere.invalid/"));
}

TEST_CASE("a server that takes the request and says nothing") {
  HookServer server([](const Seen&, tcp::socket& socket) {
    char byte = 0;
    asio::error_code error;
    socket.read_some(asio::buffer(&byte, 1), error);
    return std::string();
  });
  check_error(rules(server.url()));
}

TEST_CASE("a server that sends a byte at a time") {
  HookServer server([](const Seen&, tcp::socket& socket) {
    asio::error_code error;
    for (const char byte : yes) {
      asio::write(socket, asio::buffer(&byte, 1), error);
      if (error) break;
      std::this_thread::sleep_for(50ms);
    }
    return std::string();
  });
  check_error(rules(server.url()));
}

TEST_CASE("a server that closes, before or within its answer") {
  HookServer closes{std::string()};
  check_error(rules(closes.url()));
  HookServer cuts([](const Seen&, tcp::socket& socket) {
    asio::error_code error;
    asio::write(socket, asio::buffer(yes.substr(0, yes.size() - 3)), error);
    return std::string();
  });
  check_error(rules(cuts.url()));
}

TEST_CASE("a connection that was closed behind an answer is made again") {
  HookServer server([](const Seen&, tcp::socket& socket) {
    asio::error_code error;
    asio::write(socket, asio::buffer(yes), error);
    return std::string();
  });
  Tool tool(rules(server.url()));
  for (int i = 0; i < 20; ++i) CHECK(tool.ask(publish_of("live/cam1")));
}

TEST_CASE("a server that sends too much") {
  HookServer huge(answer("200 OK", R"({"allow":true,"reason":")" + std::string(17'000, 'x') + "\"}"));
  check_error(rules(huge.url()));
  HookServer endless([](const Seen&, tcp::socket& socket) {
    asio::error_code error;
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\n\r\n")), error);
    const std::string more(65536, ' ');
    while (!error) asio::write(socket, asio::buffer(more), error);
    return std::string();
  });
  check_error(rules(endless.url()));
  HookServer heads([](const Seen&, tcp::socket& socket) {
    asio::error_code error;
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\n")), error);
    const std::string more = "X: " + std::string(1000, 'y') + "\r\n";
    while (!error) asio::write(socket, asio::buffer(more), error);
    return std::string();
  });
  check_error(rules(heads.url()));
}

TEST_CASE("a server that lies: a success with rubbish is an error, never an allowance") {
  for (const std::string& text : {answer("200 OK", "ok"), answer("200 OK", ""),
                                  answer("500 X", R"({"allow":true})"), std::string("SSH-2.0-x\r\n\r\n")}) {
    HookServer server(text);
    check_error(rules(server.url()));
  }
}

TEST_CASE("SRS: on_connect is asked first, if it is listed") {
  std::atomic<int> code = 0;
  HookServer server([&](const Seen& seen, tcp::socket&) {
    const bool connects = seen.body.find("on_connect") != std::string::npos;
    return answer("200 OK", connects ? std::to_string(code) : "0");
  });
  HookRules srs = rules(server.url(), Format::srs);
  CHECK_FALSE(refusal_of(srs).has_value());
  CHECK(server.seen().size() == 1);
  also(srs, HookEvent::connect);
  CHECK_FALSE(refusal_of(srs).has_value());
  REQUIRE(server.seen().size() == 3);
  CHECK(server.seen()[1].body.find("on_connect") != std::string::npos);
  CHECK(server.seen()[2].body.find("on_publish") != std::string::npos);
  code = 7;
  CHECK(refusal_of(srs)->why == "call-back billing: code 7");
  CHECK(server.seen().size() == 4);
}

TEST_CASE("equal questions within the ttl get the answer that is there") {
  HookServer server([](const Seen& seen, tcp::socket&) {
    return seen.body.find("live/no") != std::string::npos ? no : yes;
  });
  HookRules cached = rules(server.url());
  cached.ttl = 10s;
  TurnedClock clock;
  Tool tool(cached, clock);
  auto question = publish_of("live/cam1");
  const auto first = tool.ask(question);
  question.address = "10.0.0.7:50999";  // another connection
  const auto second = tool.ask(question);
  CHECK(second.grant->expires == first.grant->expires);
  CHECK(server.seen().size() == 1);
  for (const auto& change : std::vector<std::function<void(access::Question&)>>{
           [](auto& q) { q.address = "10.0.0.8:50123"; }, [](auto& q) { q.action = access::Action::play; },
           [](auto& q) { q.path = "live/cam2"; }, [](auto& q) { q.credentials.query = "key=abd"; },
           [](auto& q) { q.credentials.password = "x"; }}) {
    auto other = question;
    change(other);
    const std::size_t before = server.seen().size();
    tool.ask(other);
    CHECK(server.seen().size() == before + 1);
  }
  const std::size_t before = server.seen().size();
  CHECK_FALSE(tool.ask(publish_of("live/no")));
  CHECK_FALSE(tool.ask(publish_of("live/no")));  // refusals, too
  CHECK(server.seen().size() == before + 1);
  CHECK(tool.figures().cached == 2);
  clock.turn(9s);
  tool.ask(question);
  CHECK(server.seen().size() == before + 1);
  clock.turn(2s);
  tool.ask(question);
  CHECK(server.seen().size() == before + 2);
}

TEST_CASE("errors are not remembered, and without a ttl nothing is") {
  std::atomic<int> requests = 0;
  HookServer server([&](const Seen&, tcp::socket&) { return ++requests == 1 ? answer("500 X", "") : yes; });
  HookRules cached = rules(server.url());
  cached.ttl = 60s;
  Tool tool(cached);
  CHECK_FALSE(tool.ask(publish_of("live/cam1")));
  CHECK(tool.ask(publish_of("live/cam1")));
  Tool plain(rules(server.url()));
  CHECK(plain.ask(publish_of("live/cam1")));
  CHECK(plain.ask(publish_of("live/cam1")));
  CHECK(requests == 4);
}

TEST_CASE("equal questions at a time share a request, if they may") {
  HookServer server([](const Seen&, tcp::socket&) { return std::this_thread::sleep_for(500ms), yes; });
  HookRules shares = rules(server.url());
  shares.ttl = 60s;
  Tool tool(shares);
  for (const auto& verdict : tool.ask_all(std::vector(50, publish_of("live/cam1")))) CHECK(verdict);
  CHECK(server.seen().size() == 1);
  CHECK(tool.figures().shared == 49);
  CHECK(tool.figures().allowed == 50);
  Tool plain(rules(server.url()));
  for (const auto& verdict : plain.ask_all(std::vector(5, publish_of("live/cam1")))) CHECK(verdict);
  CHECK(server.seen().size() == 6);
}

TEST_CASE("requests at a time are bounded, and so are questions that wait") {
  HookServer server([](const Seen&, tcp::socket&) { return std::this_thread::sleep_for(200ms), yes; });
  HookRules few = rules(server.url());
  few.connections = 3;
  few.waiting_max = 6;
  Tool tool(few);
  std::size_t allowed = 0, too_many = 0;
  for (const auto& verdict : tool.ask_all(std::vector(20, publish_of("live/cam1")))) {
    allowed += verdict ? 1 : 0;
    too_many += !verdict && verdict.refusal.why.find("too many") != std::string::npos ? 1 : 0;
  }
  CHECK(allowed == 9);
  CHECK(too_many == 11);
  CHECK(server.most_at_a_time() <= 3);
  CHECK(tool.ask(publish_of("live/cam1")));
}

TEST_CASE("questions that wait for a server that hangs are answered in time, too") {
  HookServer server([](const Seen&, tcp::socket& socket) {
    char byte = 0;
    asio::error_code error;
    socket.read_some(asio::buffer(&byte, 1), error);
    return std::string();
  });
  HookRules few = rules(server.url());
  few.connections = 2;
  few.timeout = 300ms;
  Tool tool(few);
  const auto time = time_of([&] {
    for (const auto& verdict : tool.ask_all(std::vector(40, publish_of("live/cam1")))) CHECK_FALSE(verdict);
  });
  CHECK(time < 2s);
  CHECK(tool.figures().errors == 40);
}

TEST_CASE("events are told, and what they answer does not matter") {
  HookServer server(answer("200 OK", ""));
  HookRules told = rules(server.url(), Format::srs);
  also(told, HookEvent::unpublish);
  Tool tool(told);
  CHECK(tool.hooks().tells(HookEvent::unpublish));
  tool.hooks().tell({.kind = HookEvent::unpublish, .about = publish_of("live/cam1"), .client = client()});
  tool.hooks().tell({.kind = HookEvent::stop, .about = publish_of("live/cam1"), .client = client()});
  REQUIRE(server.reaches(1));
  std::this_thread::sleep_for(50ms);
  REQUIRE(server.seen().size() == 1);
  CHECK(server.seen()[0].body.find("on_unpublish") != std::string::npos);
  CHECK(tool.figures().told == 1);
}

TEST_CASE("a flood of events delays no question, and is lost beyond its bound") {
  HookServer server([](const Seen& seen, tcp::socket&) {
    if (seen.body.find("on_unpublish") != std::string::npos) std::this_thread::sleep_for(1s);
    return answer("200 OK", "0");
  });
  HookRules told = rules(server.url(), Format::srs);
  also(told, HookEvent::unpublish);
  told.connections = 4;
  told.waiting_max = 5;
  Tool tool(told);
  for (int i = 0; i < 20; ++i)
    tool.hooks().tell({.kind = HookEvent::unpublish, .about = publish_of("live/cam1")});
  CHECK(time_of([&] { CHECK(tool.ask(publish_of("live/cam1"))); }) < 700ms);
  CHECK(tool.figures().lost == 14);
  CHECK(server.reaches(3));
}

TEST_CASE("several call-backs: all must allow, the shortest expiry counts, names must not differ") {
  HookServer one(answer("200 OK", R"({"allow":true,"expires_in":600,"path":"live/a"})")),
      two(answer("200 OK", R"({"allow":true,"expires_in":60,"user":"bob"})")),
      other(answer("200 OK", R"({"allow":true,"path":"live/b"})")), refuses(no);
  const auto of = [](HookServer& server, const std::string& name) {
    HookRules named = rules(server.url());
    named.name = name;
    return named;
  };
  Tool both({of(one, "one"), of(two, "two")});
  const auto verdict = both.ask(publish_of("live/cam1"));
  REQUIRE(verdict);
  CHECK(verdict.grant->path == "live/a");
  CHECK(verdict.grant->user == "bob");
  CHECK(verdict.grant->identity.name == "one+two");
  CHECK(verdict.grant->expires < std::chrono::system_clock::now() + 61s);
  Tool disagree({of(one, "one"), of(other, "other")});
  CHECK(disagree.ask(publish_of("live/cam1")).refusal.kind == Refused::unavailable);
  Tool one_refuses({of(one, "one"), of(refuses, "no")});
  CHECK(one_refuses.ask(publish_of("live/cam1")).refusal.why == "call-back no: not paid");

  HookRules only_play = of(refuses, "play");
  only_play.events.reset(static_cast<std::size_t>(HookEvent::publish));
  Tool apart({of(two, "two"), only_play});
  CHECK(apart.ask(publish_of("live/cam1")));
  access::Question admin = publish_of("");
  admin.action = access::Action::admin_read;
  CHECK(apart.ask(admin).refusal.kind == Refused::unknown);
}

TEST_CASE("rules are replaced while questions are on their way") {
  HookServer slow([](const Seen&, tcp::socket&) { return std::this_thread::sleep_for(300ms), yes; });
  HookServer refuses(no);
  Tool tool(rules(slow.url()));
  std::thread changes([&] {
    slow.reaches(1);
    tool.on_its_thread([&] { tool.hooks().replace({rules(refuses.url())}); });
  });
  CHECK(tool.ask(publish_of("live/cam1")));
  changes.join();
  CHECK_FALSE(tool.ask(publish_of("live/cam1")));
  HookRules same = rules(refuses.url());
  tool.on_its_thread([&] { tool.hooks().replace({same}); });
  CHECK(tool.figures().refused == 1);  // it is the same one
  tool.on_its_thread([&] { tool.hooks().replace({}); });
  CHECK_FALSE(tool.hooks().asks(access::Action::publish));
}

TEST_CASE("the end does not wait for a server") {
  HookServer server([](const Seen&, tcp::socket& socket) {
    char byte = 0;
    asio::error_code error;
    socket.read_some(asio::buffer(&byte, 1), error);
    return std::string();
  });
  HookRules patient = rules(server.url());
  patient.timeout = 60s;
  also(patient, HookEvent::stop);
  CHECK(time_of([&] {
          Tool tool(patient);
          tool.hooks().tell({.kind = HookEvent::stop, .about = publish_of("live/cam1")});
          server.reaches(1);
        }) < 2s);
}

}  // namespace srs::hooks
