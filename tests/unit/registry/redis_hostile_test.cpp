// Servers that claim to be Redis, and send what it never would.
#include <doctest/doctest.h>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "registry/redis.h"

using namespace srs;
using namespace srs::registry;
using asio::ip::tcp;

namespace {

// Answers PONG to the first command, then `head`, and `more` until the client closes; with a pause before
// each.
class Liar {
 public:
  Liar(std::string head, std::string more, std::chrono::milliseconds pause = {})
      : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this, head, more, pause] { serve(head, more, pause); }) {}
  ~Liar() { thread_.join(); }

  RedisServer server() const {
    return *parse_redis_server("redis://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()));
  }

 private:
  void serve(const std::string& head, const std::string& more, std::chrono::milliseconds pause) {
    tcp::socket socket(io_);
    asio::error_code error;
    acceptor_.accept(socket, error);
    char command[4096];
    socket.read_some(asio::buffer(command), error);
    asio::write(socket, asio::buffer(std::string("+PONG\r\n")), error);
    socket.read_some(asio::buffer(command), error);
    asio::write(socket, asio::buffer(head), error);
    for (std::size_t sent = 0; !error && !more.empty() && sent < (256u << 20); sent += more.size()) {
      std::this_thread::sleep_for(pause);
      asio::write(socket, asio::buffer(more), error);
    }
    socket.read_some(asio::buffer(command), error);  // until it is closed
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

Errc error_of(const Liar& liar) {
  auto redis = Redis::open(liar.server());
  REQUIRE(redis);
  const auto answers = redis->run({{"GET", "x"}});
  REQUIRE_FALSE(answers.ok());
  return answers.error().code;
}

}  // namespace

TEST_CASE("an answer without end is not kept") {
  CHECK(error_of(Liar("*1\r\n$2000000000\r\n", std::string(65'536, 'x'))) == Errc::too_large);
  CHECK(error_of(Liar("$-x", std::string(65'536, 'x'))) != Errc::usage);
}

TEST_CASE("an answer with far too many elements is an error") {
  CHECK(error_of(Liar("*1000000000\r\n", "")) == Errc::io);
  CHECK(error_of(Liar("*-7\r\n", "")) == Errc::io);
}

TEST_CASE("an answer that drips has a deadline") {
  const auto begun = std::chrono::steady_clock::now();
  CHECK(error_of(Liar("*1\r\n$1000\r\n", "x", std::chrono::milliseconds(200))) == Errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(60));
}
