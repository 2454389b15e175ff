// Against a real redis-server.
#include "registry/registry.h"

#include <doctest/doctest.h>

#include <asio/executor_work_guard.hpp>
#include <optional>

#include "unit/registry/redis_server.h"

namespace srs::registry {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const cli::Log quiet("test", cli::LogLevel::error, cli::LogFormat::text);

struct Node {
  Node(asio::io_context& context, const RedisServer& server, std::string id,
       milliseconds ttl = milliseconds(10'000))
      : io(context), registry(io, {server, id, {"rtmp://" + id + ":1936"}, ttl}, quiet) {}

  std::vector<Holder> find(const std::string& path) {
    std::optional<std::vector<Holder>> found;
    registry.find(path, [&](std::vector<Holder> holders) { found = std::move(holders); });
    CHECK_FALSE(found);
    while (!found) io.run_one();
    return *found;
  }
  std::vector<std::string> nodes(const std::string& path) {
    std::vector<std::string> ids;
    for (const Holder& holder : find(path)) ids.push_back(holder.node);
    return ids;
  }
  // Repeats look-ups until they give this; false if they do not in ten seconds.
  bool finds(const std::string& path, const std::vector<std::string>& wanted) {
    for (const auto end = Clock::now() + std::chrono::seconds(10); Clock::now() < end;) {
      if (nodes(path) == wanted) return true;
      io.run_for(milliseconds(50));
    }
    return false;
  }
  bool becomes(bool connected) {
    for (const auto end = Clock::now() + std::chrono::seconds(10); Clock::now() < end;) {
      if (registry.state().connected == connected) return true;
      io.run_for(milliseconds(20));
    }
    return false;
  }

  asio::io_context& io;
  Registry registry;
};

std::string get(const TestServer& server, const std::string& key) {
  auto redis = Redis::open(server.server());
  REQUIRE(redis);
  auto answer = redis->run({{"GET", key}});
  REQUIRE(answer);
  return answer->front().empty() ? "" : answer->front().front();
}

TEST_CASE("a stream that one node announces is found by another, until it is withdrawn") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  Node origin(io, server.server(), "origin"), edge(io, server.server(), "edge");
  CHECK(edge.nodes("live/a").empty());
  origin.registry.announce("live/a");
  CHECK(origin.registry.state().announced == 1);
  REQUIRE(edge.finds("live/a", {"origin"}));
  const auto found = edge.find("live/a");
  CHECK(found.front().urls == std::vector<std::string>{"rtmp://origin:1936"});
  CHECK(found.front().since_s > 1'700'000'000);
  CHECK(origin.nodes("live/a").empty());  // not itself
  origin.registry.withdraw("live/a");
  CHECK(origin.registry.state().announced == 0);
  CHECK(edge.finds("live/a", {}));
}

TEST_CASE("answers are cached for a second, and concurrent look-ups share one") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  Node edge(io, server.server(), "edge");
  REQUIRE(edge.becomes(true));
  int answers = 0;
  for (int i = 0; i < 50; ++i) edge.registry.find("live/a", [&](auto) { ++answers; });
  while (answers < 50) io.run_one();
  edge.find("live/a");
  CHECK(edge.registry.state().look_ups == 1);
}

TEST_CASE("announcements are renewed, and expire when nobody renews them") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  const milliseconds ttl(900);
  std::optional<Node> edge;
  edge.emplace(io, server.server(), "edge", ttl);
  {
    Node origin(io, server.server(), "origin", ttl);
    origin.registry.announce("live/a");
    REQUIRE(edge->finds("live/a", {"origin"}));
    io.run_for(2 * ttl);
    CHECK(edge->nodes("live/a") == std::vector<std::string>{"origin"});
  }
  // It withdrew its announcement when it left.
  CHECK(get(server, "srs:holder:origin:live/a").empty());

  // One that was killed did not.
  auto redis = Redis::open(server.server());
  REQUIRE(redis);
  const std::string value = encode({"killed", {"rtmp://killed:1936"}, 1});
  REQUIRE(redis->run(
      {{"SADD", "srs:stream:live/b", "killed"}, {"SET", "srs:holder:killed:live/b", value, "PX", "1500"}}));
  CHECK(edge->finds("live/b", {"killed"}));
  CHECK(edge->finds("live/b", {}));
  // And the look-up removed it from the set.
  auto members = redis->run({{"SMEMBERS", "srs:stream:live/b"}});
  REQUIRE(members);
  CHECK(members->front().empty());
}

TEST_CASE("Redis is away: the last known answers hold; it is back and empty: all is announced again") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  const milliseconds ttl(1500);
  Node origin(io, server.server(), "origin", ttl), edge(io, server.server(), "edge", ttl);
  origin.registry.announce("live/a");
  origin.registry.announce("live/b");
  REQUIRE(edge.finds("live/a", {"origin"}));
  server.kill();
  REQUIRE(edge.becomes(false));
  REQUIRE(origin.becomes(false));
  CHECK_FALSE(edge.registry.state().last_error.empty());
  const auto before = Clock::now();
  CHECK(edge.nodes("live/a") == std::vector<std::string>{"origin"});
  CHECK(edge.nodes("live/b").empty());
  CHECK(Clock::now() - before < milliseconds(500));  // no look-up waits for a Redis that is known to be away
  origin.registry.withdraw("live/b");
  origin.registry.announce("live/c");

  server.start();
  REQUIRE(origin.becomes(true));
  CHECK(get(server, "srs:holder:origin:live/a").find("rtmp://origin:1936") != std::string::npos);
  CHECK(get(server, "srs:holder:origin:live/b").empty());
  CHECK(edge.finds("live/c", {"origin"}));
}

TEST_CASE("a Redis that does not answer costs a second, once") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  Node edge(io, server.server(), "edge");
  REQUIRE(edge.becomes(true));
  server.pause();
  auto before = Clock::now();
  CHECK(edge.nodes("live/a").empty());
  CHECK(Clock::now() - before < std::chrono::seconds(5));
  CHECK(edge.becomes(false));
  before = Clock::now();
  CHECK(edge.nodes("live/b").empty());
  CHECK(Clock::now() - before < milliseconds(500));
  server.go_on();
  CHECK(edge.becomes(true));
}

TEST_CASE("without a Redis, leaving and asking are quick") {
  TestServer server;
  const RedisServer nobody = server.server();
  server.kill();
  asio::io_context io;
  auto work = asio::make_work_guard(io);
  const auto before = Clock::now();
  {
    Node edge(io, nobody, "edge");
    edge.registry.announce("live/a");
    CHECK(edge.nodes("live/a").empty());
    edge.registry.close();
    CHECK(edge.nodes("live/a").empty());
  }
  io.poll();
  CHECK(Clock::now() - before < std::chrono::seconds(5));
}

TEST_CASE("keys that others wrote, and paths that look like keys, do no harm") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  Node origin(io, server.server(), "origin"), edge(io, server.server(), "edge");
  auto redis = Redis::open(server.server());
  REQUIRE(redis);
  REQUIRE(redis->run({{"SET", "srs:stream:live/broken", "not a set"},
                      {"LPUSH", "srs:holder:origin:live/b", "not a string"},
                      {"SADD", "srs:stream:live/c", "somebody"},
                      {"SET", "srs:holder:somebody:live/c", "[1,2"}}));
  for (const char* path : {"live/broken", "live/b", "live/c", "live/a", "live/a:origin", "live/a:b:c"})
    origin.registry.announce(path);
  CHECK(edge.finds("live/a", {"origin"}));
  CHECK(edge.finds("live/a:origin", {"origin"}));
  CHECK(edge.finds("live/a:b:c", {"origin"}));
  CHECK(edge.finds("live/c", {"origin"}));
  CHECK(edge.nodes("live/broken").empty());
  CHECK(origin.registry.state().connected);
  CHECK(edge.registry.state().connected);
}

TEST_CASE("a password is needed") {
  TestServer server({"--requirepass", "open sesame"});
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  {
    Node edge(io, server.server(), "edge");
    CHECK(edge.nodes("live/a").empty());
    CHECK(edge.registry.state().last_error.find("--registry-password-file") != std::string::npos);
  }
  RedisServer known = server.server("/2");
  known.password = "open sesame";
  Node origin(io, known, "origin"), edge(io, known, "edge");
  origin.registry.announce("live/a");
  CHECK(edge.finds("live/a", {"origin"}));
  known.url.path.clear();
  Node other(io, known, "other");  // another database
  CHECK(other.nodes("live/a").empty());
  CHECK(other.registry.state().connected);
}

TEST_CASE("a process that took over the name of a node keeps its announcement when the other leaves") {
  TestServer server;
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  Node edge(io, server.server(), "edge");
  std::optional<Node> old(std::in_place, io, server.server(), "origin");
  old->registry.announce("live/a");
  REQUIRE(edge.finds("live/a", {"origin"}));
  auto redis = Redis::open(server.server());
  REQUIRE(redis);
  REQUIRE(redis->run(
      {{"SET", "srs:holder:origin:live/a", encode({"origin", {"rtmp://new:1936"}, 2}), "PX", "9000"}}));
  old.reset();
  io.run_for(milliseconds(1100));
  const auto found = edge.find("live/a");
  REQUIRE(found.size() == 1);
  CHECK(found.front().urls.front() == "rtmp://new:1936");
}

}  // namespace
}  // namespace srs::registry
