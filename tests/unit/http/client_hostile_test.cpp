// Servers that send our client what no server should.
#include <doctest/doctest.h>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "http/client.h"

using namespace srs;
using namespace srs::http;
using asio::ip::tcp;

namespace {

// Answers one request with `head` and then with `more`, until the client closes or 64 MiB are out.
class RawServer {
 public:
  RawServer(std::string head, std::string more)
      : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this, head, more] { serve(head, more); }) {}
  ~RawServer() { thread_.join(); }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/x";
  }
  std::size_t sent() const { return sent_; }

 private:
  void serve(const std::string& head, const std::string& more) {
    tcp::socket socket(io_);
    asio::error_code error;
    acceptor_.accept(socket, error);
    char request[4096];
    socket.read_some(asio::buffer(request), error);
    asio::write(socket, asio::buffer(head), error);
    while (!error && sent_ < (64u << 20) && !more.empty())
      sent_ += asio::write(socket, asio::buffer(more), error);
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::atomic<std::size_t> sent_ = 0;
  std::thread thread_;
};

Result<void> fetch(const std::string& url) {
  asio::io_context io;
  Client client(io);
  std::optional<Result<void>> result;
  ClientHandlers handlers;
  handlers.on_bytes = [](Bytes) { return true; };
  handlers.on_done = [&](Result<void> done) { result = std::move(done); };
  ClientRequest request;
  request.url = url;
  request.total_time = std::chrono::seconds(20);
  const auto transfer = client.get(std::move(request), std::move(handlers));
  io.run_for(std::chrono::seconds(25));
  REQUIRE(result.has_value());
  return std::move(*result);
}

Errc error_of(const std::string& head, const std::string& more) {
  RawServer server(head, more);
  const auto result = fetch(server.url());
  REQUIRE_FALSE(result.ok());
  return result.error().code;
}

}  // namespace

TEST_CASE("heads have an end: in bytes, in lines, and in answers before the answer") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  CHECK(error_of(ok, "X: " + std::string(500, 'y') + "\r\n") == Errc::too_large);
  CHECK(error_of(ok, "X:y\r\n") == Errc::too_large);
  CHECK(error_of("", "HTTP/1.1 100 Continue\r\n\r\n") == Errc::too_large);
}

TEST_CASE("redirects are followed to HTTP only, and nonsense ends a transfer") {
  const auto moved = [](const std::string& to) {
    return "HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n";
  };
  for (const char* to :
       {"file:///etc/passwd", "gopher://127.0.0.1:1/", "ftp://127.0.0.1:1/", "dict://127.0.0.1:1/x"})
    CHECK(error_of(moved(to), "") == Errc::closed);
  CHECK(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "x") ==
        Errc::closed);
  CHECK(error_of("SSH-2.0-x\r\n", "") == Errc::closed);
}

TEST_CASE("a paused answer waits at its server; nothing is lost") {
  RawServer server("HTTP/1.1 200 OK\r\n\r\n", std::string(65536, 'x'));
  asio::io_context io;
  Client client(io);
  std::optional<Result<void>> result;
  TransferPtr transfer;
  std::size_t come = 0;
  bool reads_on = false;
  ClientHandlers handlers;
  handlers.on_bytes = [&](Bytes bytes) {
    come += bytes.size();
    if (!reads_on) client.pause(*transfer);
    return true;
  };
  handlers.on_done = [&](Result<void> done) { result = std::move(done); };
  transfer = client.get({.url = server.url()}, std::move(handlers));
  io.run_for(std::chrono::milliseconds(500));
  CHECK(come > 0);
  CHECK(come <= 128 * 1024);
  const std::size_t come_while_paused = come;

  SUBCASE("it comes in small steps") {
    for (int i = 0; i < 10; ++i) {
      client.resume(*transfer);
      io.restart();
      io.run_for(std::chrono::milliseconds(50));
    }
    CHECK(come > come_while_paused);
    CHECK(come <= 1280 * 1024);
    CHECK(server.sent() < (64u << 20));
  }
  SUBCASE("or all at once") {}

  reads_on = true;
  client.resume(*transfer);
  io.restart();
  io.run_for(std::chrono::seconds(20));
  REQUIRE(result.has_value());
  CHECK(result->ok());
  CHECK(come == server.sent());
}

TEST_CASE("a paused transfer can be destroyed, and one that has ended be paused") {
  RawServer server("HTTP/1.1 200 OK\r\n\r\n", std::string(65536, 'x'));
  asio::io_context io;
  Client client(io);
  TransferPtr transfer;
  std::optional<Result<void>> result;
  ClientHandlers handlers;
  handlers.on_bytes = [&](Bytes) { return client.pause(*transfer), true; };
  handlers.on_done = [&](Result<void> done) { result = std::move(done); };
  transfer = client.get({.url = server.url()}, std::move(handlers));
  io.run_for(std::chrono::milliseconds(200));
  client.resume(*transfer);
  SUBCASE("between resume and its turn") {}
  SUBCASE("behind it") {
    io.restart();
    io.run_for(std::chrono::milliseconds(50));
  }
  transfer.reset();
  io.restart();
  io.run_for(std::chrono::milliseconds(50));
  CHECK(!result.has_value());
}

TEST_CASE("a POST is sent with its length and its body, without waiting for a permission") {
  asio::io_context server_io;
  tcp::acceptor acceptor(server_io, {asio::ip::make_address("127.0.0.1"), 0});
  std::string request;
  std::thread server([&] {
    tcp::socket socket(server_io);
    asio::error_code error;
    acceptor.accept(socket, error);
    char bytes[4096];
    while (!error && !request.ends_with("\r\n\r\nabc"))
      request.append(bytes, socket.read_some(asio::buffer(bytes), error));
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 204 No Content\r\n\r\n")), error);
  });
  asio::io_context io;
  Client client(io);
  std::optional<Result<void>> result;
  ClientHandlers handlers;
  handlers.on_done = [&](Result<void> done) { result = std::move(done); };
  const std::uint8_t bytes[] = {'a', 'b', 'c'};
  ClientRequest post;
  post.url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/hook";
  post.headers = {"Content-Type: application/json"};
  post.total_time = std::chrono::seconds(10);
  post.method = "POST";
  post.body = {Slice::copy_of(bytes)};
  const auto transfer = client.send(std::move(post), std::move(handlers));
  io.run_for(std::chrono::seconds(15));
  server.join();
  REQUIRE(result.has_value());
  CHECK(result->ok());
  CHECK(request.starts_with("POST /hook HTTP/1.1\r\n"));
  CHECK(request.find("\r\nContent-Length: 3\r\n") != std::string::npos);
  CHECK(request.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(request.find("Expect") == std::string::npos);
  CHECK(request.find("Transfer-Encoding") == std::string::npos);
}
