// Who waits for streams that are to be fetched, how often origins are asked for them, and by whose leave.
#include "srs-relay/origins/pulls.h"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "flv/tag.h"
#include "log/flv_wire.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"

using namespace srs;
using namespace srs::media;
using namespace std::chrono_literals;
using asio::ip::tcp;
using relay::Hub;
using relay::Wanted;

namespace {

// An origin that speaks HTTP-FLV: it plays live/a to whoever says "token=good" or no token, and has nothing
// else.
class TestOrigin {
 public:
  explicit TestOrigin(asio::io_context& io) : io_(io), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {
    accept();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  void close() {
    acceptor_.close();
    for (const auto& socket : sockets_) socket->close();
  }

  std::vector<std::string> asked;  // "live/a.flv?token=good&..."

 private:
  void accept() {
    acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
      if (error) return;
      sockets_.push_back(std::make_shared<tcp::socket>(std::move(socket)));
      asio::co_spawn(io_, serve(*this, sockets_.back()), asio::detached);
      accept();
    });
  }
  static std::string stream() {
    std::uint8_t header[flv::file_header_size];
    flv::store_file_header(header, true, true);
    std::string text = "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n";
    text.append(reinterpret_cast<const char*>(header), sizeof header);
    for (const Message& message :
         {sample_header(flv::TagType::video, 0, 1), sample_header(flv::TagType::audio, 0, 1),
          sample_video(true, 0), sample_audio(0), sample_video(false, 40), sample_audio(40)}) {
      const Slice tag = log::encode_alone(log::FlvWire(), message);
      text.append(reinterpret_cast<const char*>(tag.data()), tag.size());
    }
    return text;
  }
  static asio::awaitable<void> serve(TestOrigin& self, std::shared_ptr<tcp::socket> socket) {
    std::string request;
    asio::error_code error;
    co_await asio::async_read_until(*socket, asio::dynamic_buffer(request), "\r\n\r\n",
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const std::string target = request.substr(5, request.find(' ', 5) - 5);
    self.asked.push_back(target);
    std::string answer = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    const bool may_have = target.find("token=good") != target.npos || target.find("token=") == target.npos;
    if (target.starts_with("live/a.flv"))
      answer =
          may_have ? stream() : "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    co_await asio::async_write(*socket, asio::buffer(answer),
                               asio::redirect_error(asio::use_awaitable, error));
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
};

struct Asked {
  int answers = 0;
  Hub::Found found;
  bool has_stream() const { return answers == 1 && found.stream != nullptr; }
  bool has_none() const { return answers == 1 && found.stream == nullptr; }
};
using AskedPtr = std::shared_ptr<Asked>;

relay::PullOptions few() {
  relay::PullOptions options;
  options.max_pulls = 4;
  options.max_pulls_per_address = 2;
  return options;
}
relay::PullOptions by_permit() {
  relay::PullOptions options;
  options.forward_query = true;
  return options;
}

struct Stage {
  explicit Stage(const relay::PullOptions& options = {}, bool has_origin = false) {
    relay::Origins::Options given;
    if (has_origin) given.origins.push_back(*relay::parse_origin(origin.url()));
    origins.emplace(io, clock, std::move(given), http, log);
    pulls.emplace(io, clock, options, hub, *origins, http, log);
    hub.set_upstream(&*pulls);
  }
  ~Stage() {
    pulls->stop();
    hub.end_all();
    origins->stop();
    hub.stop();
    origin.close();
    clock.advance(io, 60s);
    for (int i = 0; i < 5; ++i) {
      io.restart();
      io.run_for(1ms);
    }
    CHECK(hub.waiters().size() == 0);
    CHECK(pulls->size() == 0);
  }

  AskedPtr find(const std::string& path, std::chrono::milliseconds patience, const std::string& query = "",
                const std::string& client = "192.0.2.1:1000") {
    auto asked = std::make_shared<Asked>();
    hub.find({path, query, "", patience, "http", client}, wire, [asked](Hub::Found found) {
      ++asked->answers;
      asked->found = std::move(found);
    });
    return asked;
  }
  void publish(const std::string& path) {
    const auto published = hub.begin({path, "test"});
    REQUIRE(published);
    for (auto&& message : {sample_header(flv::TagType::video, 0, 1), sample_header(flv::TagType::audio, 0, 1),
                           sample_video(true, 0), sample_audio(0)})
      hub.append(*published, message);
    clock.advance(io, 0s);
  }
  void advance(std::chrono::milliseconds time) { clock.advance(io, time); }
  // Sockets take their own time, a moment.
  template <class Condition>
  void run_until(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < patience) {
      clock.advance(io, 0s);
      io.restart();
      io.run_one_for(2ms);
    }
    CHECK(condition());
  }
  AskedPtr play(const std::string& query) {
    const AskedPtr asked = find("live/a", 0s, query);
    run_until([&] { return asked->answers > 0; });
    return asked;
  }

  asio::io_context io;
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  const relay::Wakers wakers;
  const log::FlvWire wire;
  Hub hub{io, clock, {}, nullptr, wakers, "node", log};
  http::Client http{io};
  TestOrigin origin{io};
  std::optional<relay::Origins> origins;
  std::optional<relay::Pulls> pulls;
};

}  // namespace

TEST_CASE("what no origin has is not asked for again within a second") {
  Stage stage({}, true);
  const AskedPtr asked = stage.find("live/none", 0s);
  CHECK(asked->answers == 0);
  stage.run_until([&] { return asked->answers > 0; });
  CHECK(asked->has_none());
  CHECK(stage.pulls->size() == 0);
  CHECK(stage.origin.asked.size() == 1);
  stage.advance(900ms);
  CHECK(stage.find("live/none", 0s)->has_none());
  CHECK(stage.pulls->size() == 0);
  // Another name is another question.
  const AskedPtr other = stage.find("live/other", 0s);
  stage.run_until([&] { return other->answers > 0; });
  CHECK(stage.origin.asked.size() == 2);
  stage.advance(100ms);
  const AskedPtr again = stage.find("live/none", 0s);
  CHECK(again->answers == 0);
  stage.run_until([&] { return again->answers > 0; });
  CHECK(again->has_none());
  CHECK(stage.origin.asked.size() == 3);
}

TEST_CASE("whoever is patient waits until it may be asked for again, and while the origins are asked anew") {
  Stage stage({}, true);
  stage.run_until([asked = stage.find("live/none", 0s)] { return asked->answers > 0; });
  const AskedPtr patient = stage.find("live/none", 20s), other = stage.find("live/none", 20s);
  CHECK(stage.pulls->size() == 1);
  stage.advance(900ms);
  CHECK(stage.origin.asked.size() == 1);
  stage.advance(100ms);
  stage.run_until([&] { return stage.origin.asked.size() == 2; });
  CHECK(patient->answers == 0);
  stage.advance(1s);
  stage.run_until([&] { return stage.origin.asked.size() == 3; });
  // A publisher comes here meanwhile.
  stage.publish("live/none");
  CHECK(patient->has_stream());
  CHECK(other->has_stream());
  CHECK(stage.pulls->size() == 0);
}

TEST_CASE("a pull ends with the patience of the last one who waits for it") {
  Stage stage;
  const AskedPtr asked = stage.find("live/a", 10s);
  stage.advance(9s);
  CHECK(asked->answers == 0);
  CHECK(stage.pulls->size() == 1);
  stage.advance(10s);
  CHECK(asked->has_none());
  CHECK(stage.pulls->size() == 0);
}

TEST_CASE("an address looks for so many streams at once and no more, and all of them together, too") {
  Stage stage(few());
  const std::string one = "192.0.2.1:1000", same = "192.0.2.1:2000", two = "192.0.2.2:1000",
                    three = "192.0.2.3:1000";
  const AskedPtr a = stage.find("live/a", 5s, "", one), b = stage.find("live/b", 60s, "", same);
  CHECK(stage.find("live/c", 60s, "", one)->has_none());
  // What is looked for already costs nothing.
  CHECK(stage.find("live/a", 5s, "", one)->answers == 0);
  CHECK(stage.find("live/c", 60s, "", two)->answers == 0);
  CHECK(stage.find("live/d", 60s, "", three)->answers == 0);
  CHECK(stage.find("live/e", 60s, "", three)->has_none());
  CHECK(stage.pulls->size() == 4);
  // One of them is given up: there is room again.
  stage.advance(15s);
  CHECK(a->has_none());
  CHECK(stage.pulls->size() == 3);
  CHECK(stage.find("live/e", 60s, "", one)->answers == 0);
  CHECK(stage.pulls->size() == 4);
  CHECK(b->answers == 0);
}

TEST_CASE("a publisher ends all pulls of its path, whatever they ask with, and no others") {
  Stage stage(by_permit());
  for (const char* path : {"live/a", "live/ab", "live"})
    for (const char* query : {"token=1", "token=2"}) stage.find(path, 60s, query);
  CHECK(stage.pulls->size() == 6);
  stage.advance(0s);
  stage.publish("live/a");
  CHECK(stage.pulls->size() == 4);
}

TEST_CASE("those who ask with the same permit share a question, and what of a query is ours counts not") {
  Stage stage(by_permit(), true);
  const AskedPtr first = stage.find("live/a", 0s, "token=good"),
                 second = stage.find("live/a", 0s, "wait=0&token=good");
  CHECK(stage.pulls->size() == 1);
  stage.run_until([&] { return first->answers > 0 && second->answers > 0; });
  CHECK(first->has_stream());
  CHECK(second->has_stream());
  CHECK(stage.origin.asked.size() == 1);
}

TEST_CASE("a permit that an origin refuses is refused for a second, and for this permit alone") {
  Stage stage(by_permit(), true);
  CHECK(stage.play("token=bad")->has_none());
  CHECK(stage.find("live/a", 60s, "token=bad")->has_none());
  CHECK(stage.play("token=good")->has_stream());
  CHECK(stage.origin.asked.size() == 2);
  stage.advance(1s);
  CHECK(stage.play("token=bad")->has_none());
  CHECK(stage.origin.asked.size() == 3);
  CHECK(stage.hub.is_pulled("live/a"));
}

TEST_CASE("a permit that is good holds for ten seconds, then the origin is asked once more") {
  relay::PullOptions options = by_permit();
  options.linger = 60s;
  Stage stage(options, true);
  CHECK(stage.play("token=good")->has_stream());
  // Another one finds the stream here, and costs one short question.
  CHECK(stage.play("token=good2")->has_stream());
  CHECK(stage.origin.asked.size() == 2);
  stage.run_until([&] { return stage.pulls->size() == 1; });
  stage.advance(2s);
  CHECK(stage.find("live/a", 0s, "token=good2")->has_stream());
  CHECK(stage.origin.asked.size() == 2);
  stage.advance(8s);
  const AskedPtr asked = stage.find("live/a", 0s, "token=good2");
  CHECK(asked->answers == 0);
  stage.run_until([&] { return asked->answers > 0; });
  CHECK(asked->has_stream());
  CHECK(stage.origin.asked.size() == 3);
}

TEST_CASE("a stream that nobody plays is fetched for the linger time and no longer") {
  relay::PullOptions options;
  options.timeout = 60s;
  options.linger = 10s;
  Stage stage(options, true);
  CHECK(stage.play("")->has_stream());
  stage.advance(9s);
  CHECK(stage.hub.is_pulled("live/a"));
  stage.advance(2s);
  CHECK_FALSE(stage.hub.is_pulled("live/a"));
  CHECK(stage.pulls->size() == 0);
  CHECK(stage.play("")->has_stream());
  CHECK(stage.origin.asked.size() == 2);
}

TEST_CASE("at the end nobody waits for a pull any more") {
  Stage stage;
  const AskedPtr asked = stage.find("live/a", 60s), other = stage.find("live/b", 60s);
  stage.advance(1s);
  stage.pulls->stop();
  CHECK(stage.pulls->size() == 0);
  CHECK(stage.find("live/c", 0s)->has_none());
  stage.hub.stop();
  stage.advance(0s);
  CHECK(asked->has_none());
  CHECK(other->has_none());
}
