#include "access/jwks_source.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "access/jwt.h"
#include "unit/access/token_vectors.h"
#include "unit/http/live_server.h"

namespace srs::access {
namespace {

using namespace std::chrono_literals;

// A server of keys, whose answer tests choose.
struct KeyServer {
  std::mutex mutex;
  http::Answer next() {
    const std::lock_guard lock(mutex);
    ++asked;
    return status == 200 ? http::ok("application/json", body) : http::error_response(status, "no");
  }
  void say(int its_status, std::string its_body = "") {
    const std::lock_guard lock(mutex);
    status = its_status;
    body = std::move(its_body);
  }
  int count() {
    const std::lock_guard lock(mutex);
    return asked;
  }

  int status = 200;
  std::string body = std::string(vectors::jwks);
  int asked = 0;
  http::LiveServer server{[this](http::Request request) -> asio::awaitable<http::Answer> {
    if (request.path == "/moved") co_return http::redirect(302, "/jwks");
    co_return next();
  }};
};

struct Fixture {
  asio::io_context io;
  std::vector<std::string> lines;
  std::optional<JwksSource> source;

  explicit Fixture(std::string from, std::chrono::milliseconds refresh = 1h,
                   std::chrono::milliseconds pause = 1min) {
    source.emplace(io, JwksOptions{std::move(from), refresh, pause, 5s},
                   [this](const std::string& line) { lines.push_back(line); });
    source->start();
  }
  template <class Test>
  bool until(Test test) {
    for (int i = 0; i < 1000 && !test(); ++i) {
      io.restart();
      io.run_for(5ms);
    }
    return test();
  }
  bool has_keys(std::size_t count) {
    return until([&] { return source->keys()->keys.size() == count; });
  }
};

constexpr std::size_t published = 5;  // of the vectors, without the secret

TEST_CASE("keys come from a URL, without its secrets, and are asked for once") {
  KeyServer server;
  Fixture f(server.server.url() + "/jwks");
  CHECK(f.source->keys()->keys.empty());
  REQUIRE(f.has_keys(published));
  CHECK(f.source->health_error().empty());
  REQUIRE(f.lines.size() == 1);
  CHECK(f.lines[0].find("left out: key \"hs\": a secret") != std::string::npos);
  f.io.restart();
  f.io.run_for(50ms);
  CHECK(server.count() == 1);
}

TEST_CASE("keys are fetched again and again; a failure keeps them, and is said once for each cause") {
  KeyServer server;
  Fixture f(server.server.url() + "/jwks", 10ms, 10ms);
  REQUIRE(f.has_keys(published));
  server.say(503);
  REQUIRE(f.until([&] { return !f.source->health_error().empty(); }));
  const int before = server.count();
  REQUIRE(f.until([&] { return server.count() > before + 3; }));
  CHECK(f.source->keys()->keys.size() == published);
  REQUIRE(f.lines.size() == 2);
  CHECK(f.lines[1].find("status 503; those of before stay") != std::string::npos);
  server.say(200, "{");
  REQUIRE(f.until([&] { return f.lines.size() == 3; }));
  CHECK(f.lines[2].find("no JSON") != std::string::npos);
  server.say(200, std::string(vectors::jwks) + std::string(300 * 1024, ' '));
  REQUIRE(f.until([&] { return f.lines.size() == 4; }));
  CHECK(f.lines[3].find("256 KiB") != std::string::npos);
  server.say(200, std::string(vectors::jwks));
  REQUIRE(f.until([&] { return f.lines.size() == 5; }));
  CHECK(f.lines[4].find("there again") != std::string::npos);
  CHECK(f.source->health_error().empty());
}

TEST_CASE("a key that is unknown makes it ask again, at most once in the pause") {
  KeyServer server;
  Fixture f(server.server.url() + "/jwks", 1h, 200ms);
  REQUIRE(f.has_keys(published));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) f.source->key_unknown();
    });
  for (auto& thread : threads) thread.join();
  f.io.restart();
  f.io.run_for(20ms);
  CHECK(server.count() == 1);
  std::this_thread::sleep_for(200ms);
  for (int i = 0; i < 100; ++i) f.source->key_unknown();
  CHECK(f.until([&] { return server.count() == 2; }));
  f.source->key_unknown();
  f.io.restart();
  f.io.run_for(50ms);
  CHECK(server.count() == 2);
}

TEST_CASE("readers on other threads have keys that stay whole while newer ones come") {
  KeyServer server;
  Fixture f(server.server.url() + "/jwks", 1ms, 1ms);
  REQUIRE(f.has_keys(published));
  std::atomic<bool> ended{false};
  std::atomic<int> right{0}, wrong{0};
  std::thread reader([&] {
    while (!ended) {
      const auto result = verify_token(vectors::tokens[9], {}, *f.source->keys(), UtcTime());
      ++(std::holds_alternative<TokenClaims>(result) ? right : wrong);
    }
  });
  CHECK(f.until([&] { return server.count() > 20; }));
  ended = true;
  reader.join();
  CHECK(right > 0);
  CHECK(wrong == 0);
}

TEST_CASE("redirects are not followed, and nobody there is an error; both leave it without keys") {
  KeyServer server;
  Fixture moved(server.server.url() + "/moved"), nobody("http://127.0.0.1:1/jwks?key=hidden");
  REQUIRE(moved.until([&] { return moved.lines.size() == 1; }));
  CHECK(moved.lines[0].find("status 302; there are none yet") != std::string::npos);
  REQUIRE(nobody.until([&] { return nobody.lines.size() == 1; }));
  CHECK(nobody.lines[0].find("hidden") == std::string::npos);
  CHECK(server.count() == 0);
}

TEST_CASE("it may be destroyed while it fetches") {
  KeyServer server;
  Fixture f(server.server.url() + "/jwks");
  f.source->key_unknown();
  f.source.reset();
  f.io.run_for(20ms);
  CHECK(f.lines.empty());
}

TEST_CASE("over http:// and beyond this machine, it warns") {
  Fixture f("http://192.0.2.1:1/jwks");
  REQUIRE(f.lines.size() == 1);
  CHECK(f.lines[0].find("not over https://") != std::string::npos);
}

TEST_CASE("keys come from a file, and again when asked") {
  const auto path = std::filesystem::temp_directory_path() / ("srs-keys-" + std::to_string(::getpid()));
  const auto write = [&](std::string_view text) { std::ofstream(path) << text; };
  Fixture f(path);
  REQUIRE(f.lines.size() == 1);
  CHECK(f.lines[0].find("No such file") != std::string::npos);
  write(vectors::jwks);
  f.source->reload();
  CHECK(f.source->keys()->keys.size() == published + 1);
  write(std::string("\n") + std::string(vectors::rsa_pem));
  f.source->key_unknown();
  CHECK(f.source->keys()->keys.size() == published + 1);
  f.source->reload();
  CHECK(f.source->keys()->keys.size() == 1);
  write("");
  f.source->reload();
  CHECK(f.source->keys()->keys.size() == 1);
  CHECK(f.source->health_error().find("empty") != std::string::npos);
  write(std::string(300 * 1024, ' '));
  CHECK(read_keys(path).error().code == Errc::too_large);
  write("{" + std::string(300 * 1024, ' '));
  CHECK(read_keys(path).error().code == Errc::too_large);
  CHECK_FALSE(read_keys("/"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace srs::access
