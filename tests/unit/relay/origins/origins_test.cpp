// The health of origins: what they are believed of, and when they are asked for a sign of life.
#include "srs-relay/origins/origins.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <fstream>
#include <list>

#include "unit/net/manual_clock.h"

using namespace srs;
using namespace std::chrono_literals;
using asio::ip::tcp;
using relay::OriginPtr;
using relay::Origins;

namespace {

// An HTTP server that answers, breaks off, or says nothing until it is told what.
class Peer {
 public:
  enum Mode { answers, breaks_off, is_silent };

  explicit Peer(asio::io_context& io) : acceptor_(io, {asio::ip::address_v4::loopback(), 0}) { accept(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int asked() const { return asked_; }
  void set(Mode mode) {
    mode_ = mode;
    for (tcp::socket& socket : silent_) react(socket);
    if (mode != is_silent) silent_.clear();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
      if (error) return;
      ++asked_;
      if (mode_ == is_silent) {
        silent_.push_back(std::move(socket));
      } else {
        react(socket);
      }
      accept();
    });
  }
  void react(tcp::socket& socket) {
    constexpr std::string_view answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    asio::error_code ignored;
    if (mode_ == answers) {
      asio::write(socket, asio::buffer(answer), ignored);
      socket.shutdown(tcp::socket::shutdown_send, ignored);
      lingering_.push_back(std::move(socket));  // closed with unread input it would reset
    } else if (mode_ == breaks_off) {
      socket.close(ignored);
    }
  }

  tcp::acceptor acceptor_;
  Mode mode_ = answers;
  int asked_ = 0;
  std::list<tcp::socket> silent_, lingering_;
};

class File {
 public:
  explicit File(const std::string& text) {
    ::close(::mkstemp(path_));
    write(text);
  }
  ~File() { ::unlink(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }
  const char* path() const { return path_; }

 private:
  char path_[32] = "/tmp/srs-unit-origins-XXXXXX";
};

struct Stage {
  explicit Stage(std::string file = {}) : a(io), b(io) {
    Origins::Options options;
    for (const Peer* peer : {&a, &b})
      if (file.empty() || peer == &b) options.origins.push_back(*relay::parse_origin(peer->url()));
    options.file = std::move(file);
    options.timeout = 10s;
    origins.emplace(io, clock, std::move(options), http, log);
  }
  ~Stage() {
    origins->stop();
    for (Peer* peer : {&a, &b}) peer->set(Peer::breaks_off);
    clock.advance(io, 60s);
    run_until([&] { return !clock.next_due() && is_quiet(); });
  }

  OriginPtr origin_at(const Peer& peer) {
    for (OriginPtr& origin : origins->order("live/a"))
      if (origin->spec.url.port == peer.port()) return known[&peer] = origin;
    return nullptr;
  }
  bool is_quiet() const {
    return std::none_of(known.begin(), known.end(), [](const auto& entry) { return entry.second->probing; });
  }
  // Which origin is asked first, twice in a row: in turns, if both are well.
  std::vector<std::uint16_t> firsts() {
    std::vector<std::uint16_t> ports;
    for (int i = 0; i < 2; ++i) ports.push_back(origins->order("live/a").front()->spec.url.port);
    return ports;
  }
  bool is_asked_last(const Peer& peer) {
    for (const std::uint16_t port : firsts())
      if (port == peer.port()) return false;
    return true;
  }
  void run() { net::ManualClock::run(io); }
  // Sockets take their own time, a moment.
  template <class Condition>
  void run_until(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < patience) {
      io.restart();
      io.run_one_for(2ms);
    }
    CHECK(condition());
  }
  // The time until the next probe; then lets it happen.
  std::chrono::milliseconds next_probe(const OriginPtr& origin) {
    run();
    const auto due = clock.next_due();
    REQUIRE(due);
    const std::uint64_t failures = origin->failures_in_all;
    clock.advance(io, *due);
    run_until([&] { return origin->failures_in_all > failures || !origin->probing; });
    return std::chrono::duration_cast<std::chrono::milliseconds>(*due);
  }

  asio::io_context io;
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  http::Client http{io};
  Peer a, b;
  std::optional<Origins> origins;
  std::map<const Peer*, OriginPtr> known;
};

bool is_about(std::chrono::milliseconds time, std::chrono::milliseconds base) {
  return time >= base - base / 5 && time <= base + base / 5;
}

}  // namespace

TEST_CASE("an origin that fails is asked last, and probed later and later until it answers") {
  Stage stage;
  stage.a.set(Peer::breaks_off);
  const OriginPtr origin = stage.origin_at(stage.a);
  stage.origins->failed(origin, "it broke off");
  CHECK_FALSE(origin->healthy());
  CHECK(stage.is_asked_last(stage.a));
  for (const auto base : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms})
    CHECK(is_about(stage.next_probe(origin), base));
  CHECK(stage.a.asked() == 8);
  CHECK(origin->failures_in_all == 9);
  stage.a.set(Peer::answers);
  CHECK(is_about(stage.next_probe(origin), 30s));
  CHECK(origin->healthy());
  CHECK(origin->last_error.empty());
  CHECK_FALSE(stage.clock.next_due());
  CHECK_FALSE(stage.is_asked_last(stage.a));
}

TEST_CASE("once it was well again, the next failure is the first") {
  Stage stage;
  const OriginPtr origin = stage.origin_at(stage.a);
  stage.a.set(Peer::breaks_off);
  stage.origins->failed(origin, "it broke off");
  for (int i = 0; i < 4; ++i) stage.next_probe(origin);
  stage.a.set(Peer::answers);
  stage.next_probe(origin);
  REQUIRE(origin->healthy());
  stage.a.set(Peer::breaks_off);
  stage.origins->failed(origin, "it broke off");
  CHECK(is_about(stage.next_probe(origin), 500ms));
  CHECK(is_about(stage.next_probe(origin), 1s));
}

TEST_CASE("failures during a probe begin no other") {
  Stage stage;
  const OriginPtr origin = stage.origin_at(stage.a);
  for (int i = 0; i < 5; ++i) stage.origins->failed(origin, "it broke off");
  stage.origins->suspect(origin);
  CHECK(origin->failures_in_all == 5);
  CHECK(is_about(stage.next_probe(origin), 500ms));
  CHECK(stage.a.asked() == 1);
  CHECK(origin->healthy());
}

TEST_CASE("an origin that serves a stream meanwhile is well, and its probe does no harm") {
  Stage stage;
  const OriginPtr origin = stage.origin_at(stage.a);
  stage.origins->failed(origin, "it broke off");
  stage.origins->succeeded(*origin);
  CHECK(origin->healthy());
  stage.next_probe(origin);
  CHECK(origin->healthy());
  CHECK_FALSE(origin->probing);
}

TEST_CASE("an origin that is suspected is asked at once, and well until it does not answer") {
  Stage stage;
  const OriginPtr origin = stage.origin_at(stage.a);
  stage.a.set(Peer::is_silent);
  stage.origins->suspect(origin);
  stage.origins->suspect(origin);
  stage.clock.advance(stage.io, 0s);
  stage.run_until([&] { return stage.a.asked() == 1; });
  CHECK(origin->healthy());
  CHECK_FALSE(stage.is_asked_last(stage.a));
  SUBCASE("it answers") {
    stage.a.set(Peer::answers);
    stage.run_until([&] { return !origin->probing; });
    CHECK(origin->healthy());
    CHECK(origin->failures_in_all == 0);
    CHECK(stage.a.asked() == 1);
  }
  SUBCASE("it does not") {
    stage.a.set(Peer::breaks_off);
    stage.run_until([&] { return !origin->healthy(); });
    CHECK(stage.is_asked_last(stage.a));
    CHECK(is_about(stage.next_probe(origin), 500ms));
  }
  SUBCASE("it fails in earnest before that") {
    stage.origins->failed(origin, "it broke off");
    CHECK_FALSE(origin->healthy());
    stage.a.set(Peer::answers);
    stage.run_until([&] { return !origin->probing; });
    CHECK(origin->healthy());
  }
}

TEST_CASE("an origin that drains is asked last for a while, and is well all the time") {
  Stage stage;
  const OriginPtr origin = stage.origin_at(stage.a);
  stage.origins->draining(*origin);
  CHECK(origin->healthy());
  CHECK(stage.is_asked_last(stage.a));
  CHECK(stage.origins->order("live/a").size() == 2);
  stage.clock.advance(stage.io, 9s);
  CHECK(stage.is_asked_last(stage.a));
  stage.clock.advance(stage.io, 1s);
  CHECK_FALSE(stage.is_asked_last(stage.a));
  CHECK(stage.a.asked() == 0);
}

TEST_CASE("an origin that is taken from the list is not probed any more") {
  File file("");
  Stage stage(file.path());
  file.write(stage.a.url() + "\n");
  REQUIRE(stage.origins->load());
  const OriginPtr origin = stage.origin_at(stage.a);
  REQUIRE(origin);
  SUBCASE("while its probe waits") {
    stage.origins->failed(origin, "it broke off");
    stage.run();
    file.write("");
    REQUIRE(stage.origins->load());
    CHECK_FALSE(stage.origin_at(stage.a));
    stage.clock.advance(stage.io, 60s);
    CHECK_FALSE(origin->probing);
    CHECK(stage.a.asked() == 0);
  }
  SUBCASE("while it is asked") {
    stage.a.set(Peer::is_silent);
    stage.origins->suspect(origin);
    stage.clock.advance(stage.io, 0s);
    stage.run_until([&] { return stage.a.asked() == 1; });
    file.write("");
    REQUIRE(stage.origins->load());
    stage.a.set(Peer::breaks_off);
    stage.run_until([&] { return origin->failures_in_all == 1; });
    stage.clock.advance(stage.io, 60s);
    CHECK_FALSE(origin->probing);
    CHECK(stage.a.asked() == 1);
  }
}

TEST_CASE("a list that is read again keeps what is known of those that stay; a broken one changes nothing") {
  File file("");
  Stage stage(file.path());
  file.write(stage.a.url() + "\n");
  REQUIRE(stage.origins->load());
  const OriginPtr origin = stage.origin_at(stage.a);
  stage.a.set(Peer::breaks_off);
  stage.origins->failed(origin, "it broke off");
  stage.next_probe(origin);
  REQUIRE(stage.origins->load());
  CHECK(stage.origin_at(stage.a) == origin);
  CHECK_FALSE(origin->healthy());
  CHECK(is_about(stage.next_probe(origin), 1s));
  file.write("what is this\n");
  CHECK_FALSE(stage.origins->load());
  CHECK(stage.origins->size() == 2);
  CHECK(stage.origin_at(stage.a) == origin);
}

TEST_CASE("nothing is probed after the end") {
  Stage stage;
  const OriginPtr sleeping = stage.origin_at(stage.a), asked = stage.origin_at(stage.b);
  stage.b.set(Peer::is_silent);
  stage.origins->failed(sleeping, "it broke off");
  stage.origins->suspect(asked);
  stage.clock.advance(stage.io, 0s);
  stage.run_until([&] { return stage.b.asked() == 1; });
  stage.origins->stop();
  stage.b.set(Peer::breaks_off);
  stage.clock.advance(stage.io, 60s);
  stage.run_until([&] { return stage.is_quiet(); });
  CHECK(stage.a.asked() == 0);
  CHECK(asked->failures_in_all == 0);
  stage.origins->failed(asked, "late");
  CHECK_FALSE(asked->probing);
}
