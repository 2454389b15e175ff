#include "http/server.h"

#include <doctest/doctest.h>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <chrono>
#include <stdexcept>

#include "unit/http/live_server.h"

namespace srs::http {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

asio::awaitable<Answer> echo(Request request) {
  co_return ok("text/plain", request.method + " " + request.path + "?" + request.query);
}

asio::awaitable<void> sleep_for(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(time);
  co_await timer.async_wait(asio::use_awaitable);
}

TEST_CASE("requests on one connection") {
  LiveServer server(echo);
  RawClient client(server.port());
  const Reply reply = client.get("/live/a%20b?c=d");
  CHECK(reply.status == 200);
  CHECK(reply.body == "GET /live/a b?c=d");
  CHECK(reply.field("Access-Control-Allow-Origin") == "*");
  CHECK(client.get("/2").body == "GET /2?");
  CHECK(server.connections() == 1);
  client.close();
  CHECK(server.reaches_connections(0));
}

TEST_CASE("a request byte by byte") {
  LiveServer server(echo);
  RawClient client(server.port());
  for (const char c : std::string_view("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")) client.send({&c, 1});
  CHECK(client.receive().body == "GET /slow?");
}

TEST_CASE("pipelined requests are answered in order") {
  // The first takes longest, so answers sent when ready would come in another order.
  LiveServer server([](Request request) -> asio::awaitable<Answer> {
    if (request.path == "/0") co_await sleep_for(milliseconds(100));
    co_return ok("text/plain", request.path);
  });
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 200; ++i) CHECK(client.receive().body == "/" + std::to_string(i));
}

TEST_CASE("a client that closed its sending side still gets its answers") {
  LiveServer server(echo);
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    client.socket().shutdown(tcp::socket::shutdown_send);
    CHECK(client.receive().body == "GET /1?");
    CHECK(client.receive().body == "GET /2?");
    CHECK(client.at_end());
  }
}

TEST_CASE("HEAD, OPTIONS and other methods") {
  LiveServer server(echo);
  RawClient client(server.port());
  client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n");
  const Reply head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "8");
  client.send(
      "OPTIONS /x HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nAccess-Control-Request-Method: GET\r\n\r\n");
  const Reply options = client.receive();
  CHECK(options.status == 204);
  CHECK(options.field("Access-Control-Allow-Origin") == "*");
  CHECK(options.field("Access-Control-Allow-Methods") == "GET, HEAD, OPTIONS");
  CHECK(options.field("Access-Control-Allow-Headers") == "*, Authorization");
  CHECK_FALSE(options.field("Access-Control-Max-Age").empty());
  client.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  const Reply post = client.receive();
  CHECK(post.status == 405);
  CHECK(post.field("Allow") == "GET, HEAD, OPTIONS");
  CHECK(client.get("/after").body == "GET /after?");
}

TEST_CASE("more methods reach the handler if they are allowed, and other sites' pages get no access") {
  ServerOptions options;
  options.more_methods = {"DELETE"};
  options.cross_origin = false;
  LiveServer server(echo, options);
  RawClient client(server.port());
  client.send("DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const Reply deleted = client.receive();
  CHECK(deleted.body == "DELETE /a?");
  CHECK(deleted.field("Access-Control-Allow-Origin") == "");
  for (const std::string method : {"OPTIONS", "PUT"}) {
    client.send(method + " /a HTTP/1.1\r\nHost: x\r\n\r\n");
    const Reply reply = client.receive();
    CHECK(reply.status == 405);
    CHECK(reply.field("Allow") == "GET, HEAD, DELETE");
    CHECK(reply.field("Access-Control-Allow-Origin") == "");
    CHECK(reply.field("Access-Control-Allow-Methods") == "");
  }
}

TEST_CASE("connections are listed with what they were sent, and one can be cut off") {
  LiveServer server(echo);
  RawClient first(server.port()), second(server.port());
  const Reply reply = first.get("/1");
  second.get("/2");
  std::vector<Server::Client> clients;
  server.on_its_thread([&] { clients = server.server().clients(); });
  REQUIRE(clients.size() == 2);
  std::sort(clients.begin(), clients.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  CHECK(clients[0].number != clients[1].number);
  CHECK(clients[0].address.starts_with("127.0.0.1:"));
  CHECK(clients[0].sent_bytes == reply.head.size() + reply.body.size());
  bool found = false, again = true;
  server.on_its_thread([&] { found = server.server().cut_off(clients[0].number); });
  CHECK(found);
  CHECK(first.at_end());
  CHECK(server.reaches_connections(1));
  server.on_its_thread([&] { again = server.server().cut_off(clients[0].number); });
  CHECK_FALSE(again);
  CHECK(second.get("/3").status == 200);
}

TEST_CASE("HTTP/1.0 ends the connection, unless it asks otherwise") {
  LiveServer server(echo);
  RawClient kept(server.port());
  kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.receive().field("Connection") == "keep-alive");
  kept.send("GET /2 HTTP/1.0\r\n\r\n");
  const Reply last = kept.receive();
  CHECK(last.body == "GET /2?");
  CHECK(last.field("Connection") == "close");
  CHECK(kept.at_end());
}

TEST_CASE("malformed requests are answered and end the connection") {
  LiveServer server(echo);
  const auto status_of = [&](const std::string& text) {
    RawClient client(server.port());
    client.send(text);
    const Reply reply = client.receive();
    CHECK(reply.field("Connection") == "close");
    CHECK(reply.field("Access-Control-Allow-Origin") == "*");
    CHECK(reply.body.ends_with('\n'));
    CHECK(std::count(reply.body.begin(), reply.body.end(), '\n') == 1);
    CHECK(client.at_end());
    return reply.status;
  };
  CHECK(status_of("rubbish\r\n\r\n") == 400);
  CHECK(status_of("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
  CHECK(status_of("GET /%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + std::string(1000, 'x')) ==
        413);
  // More than the server reads: the answer must still reach a client that is sending.
  CHECK(status_of("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(100'000, 'a')) == 431);
  RawClient good(server.port());
  CHECK(good.get("/").status == 200);
}

TEST_CASE("a good request before a bad one is answered") {
  LiveServer server(echo);
  RawClient client(server.port());
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nrubbish\r\n\r\n");
  CHECK(client.receive().body == "GET /1?");
  CHECK(client.receive().status == 400);
  CHECK(client.at_end());
}

TEST_CASE("a request that drips in gets one deadline for all of it") {
  ServerOptions options;
  options.request_time = milliseconds(300);
  LiveServer server(echo, options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nA: ");
  bool open = true;
  for (int i = 0; i < 1000 && open; ++i) {
    open = client.send("a");
    std::this_thread::sleep_for(milliseconds(20));
    if (server.connections() == 0) break;
  }
  CHECK(server.reaches_connections(0));
}

TEST_CASE("an unfinished request is answered as late") {
  ServerOptions options;
  options.request_time = milliseconds(100);
  LiveServer server(echo, options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n");
  CHECK(client.receive().status == 408);
  CHECK(client.at_end());
}

TEST_CASE("an idle connection is closed silently") {
  ServerOptions options;
  options.idle_time = milliseconds(100);
  LiveServer server(echo, options);
  RawClient unused(server.port());
  CHECK(unused.at_end());
  RawClient used(server.port());
  CHECK(used.get("/").status == 200);
  CHECK(used.at_end());
}

TEST_CASE("a client that reads nothing is cut off") {
  ServerOptions options;
  options.stalled_time = milliseconds(200);
  LiveServer server(
      [](Request) -> asio::awaitable<Answer> { co_return ok("text/plain", std::string(50'000'000, 'x')); },
      options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(server.reaches_connections(1));
  CHECK(server.reaches_connections(0));
}

TEST_CASE("a handler may wait longer than a request may take") {
  ServerOptions options;
  options.request_time = options.idle_time = milliseconds(50);
  LiveServer server(
      [](Request) -> asio::awaitable<Answer> {
        co_await sleep_for(milliseconds(300));
        co_return error_response(404, "live/x: no such stream");
      },
      options);
  RawClient client(server.port());
  const Reply reply = client.get("/live/x.flv");
  CHECK(reply.status == 404);
  CHECK(reply.body == "live/x: no such stream\n");
}

// Waits for something that never happens, and records how it ended.
struct Waiting {
  std::atomic<int> started{0}, cancelled{0}, freed{0};
  Handler handler() {
    return [this](Request) { return wait(this); };
  }
  static asio::awaitable<Answer> wait(Waiting* self) {
    struct Counted {
      Waiting* waiting;
      ~Counted() { ++waiting->freed; }
    } counted{self};
    ++self->started;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::hours(1));
    asio::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) ++self->cancelled;
    co_return error_response(404, "too late");
  }
  bool has_started(int count) {
    for (int i = 0; i < 1000 && started < count; ++i) std::this_thread::sleep_for(milliseconds(10));
    return started == count;
  }
};

TEST_CASE("a waiting handler is cancelled when its client leaves") {
  Waiting waiting;
  std::atomic<int> status{-1};
  ServerOptions options;
  options.on_answered = [&](const Request&, int result) { status = result; };
  LiveServer server(waiting.handler(), options);
  RawClient client(server.port());
  client.send(
      "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\n");  // requests sent ahead do not hide that
  REQUIRE(waiting.has_started(1));
  client.close();
  CHECK(server.reaches_connections(0));
  CHECK(waiting.cancelled == 1);
  CHECK(waiting.freed == 1);
}

TEST_CASE("a client that floods while it waits is cut off") {
  Waiting waiting;
  LiveServer server(waiting.handler());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(waiting.has_started(1));
  client.send(std::string(1'000'000, 'x'));
  CHECK(server.reaches_connections(0));
}

TEST_CASE("close ends waiting handlers and idle connections") {
  Waiting waiting;
  {
    LiveServer server(waiting.handler());
    RawClient first(server.port()), second(server.port()), idle(server.port());
    first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET");
    REQUIRE(waiting.has_started(2));
    REQUIRE(server.reaches_connections(3));
    server.on_its_thread([&] { server.server().close(); });
    CHECK(server.reaches_connections(0));
    CHECK(first.at_end());
    CHECK(idle.at_end());
  }
  CHECK(waiting.freed == 2);
}

TEST_CASE("drain lets an answer finish") {
  LiveServer server([](Request request) -> asio::awaitable<Answer> {
    co_await sleep_for(milliseconds(200));
    co_return ok("text/plain", request.path);
  });
  RawClient busy(server.port()), idle(server.port());
  busy.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(server.reaches_connections(2));
  std::this_thread::sleep_for(milliseconds(50));
  server.on_its_thread([&] { server.server().drain(); });
  CHECK(idle.at_end());
  const Reply reply = busy.receive();
  CHECK(reply.body == "/busy");
  CHECK(reply.field("Connection") == "close");
  CHECK(busy.at_end());
}

TEST_CASE("an io_context may die before its connections") {
  Waiting waiting;
  {
    asio::io_context io;
    Server server(waiting.handler());
    auto listeners = net::Listener::open({io.get_executor()}, *net::parse_url("http://127.0.0.1:0"), {});
    REQUIRE(listeners);
    net::Listener* const listener = &listeners->front();
    asio::co_spawn(io,
                   listener->accept_loop(
                       [&](tcp::socket socket, const net::Ticket&) { server.serve(std::move(socket)); },
                       {[](const std::string&) {}, {}}),
                   asio::detached);
    RawClient client(listener->port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 100 && waiting.started == 0; ++i) io.run_one_for(milliseconds(100));
    CHECK(server.connections() == 1);
  }
  CHECK(waiting.freed == 1);
}

TEST_CASE("an exception in a handler is a 500 and an error report") {
  LiveServer server([](Request request) -> asio::awaitable<Answer> {
    if (request.path == "/bad") throw std::runtime_error("a bug");
    co_return ok("text/plain", "fine");
  });
  RawClient client(server.port());
  CHECK(client.get("/bad").status == 500);
  CHECK(client.get("/good").body == "fine");
  const auto reports = server.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].ends_with(": a bug"));
}

TEST_CASE("a takeover moves the socket out and frees the rest") {
  std::promise<net::Socket> taken;
  std::string head;
  LiveServer server([&](Request) -> asio::awaitable<Answer> {
    Takeover takeover;
    takeover.head = stream_head("video/x-flv", false);
    takeover.accept = [&](net::Socket socket, const net::Ticket&, std::string bytes) {
      head = std::move(bytes);
      taken.set_value(std::move(socket));
    };
    co_return takeover;
  });
  RawClient client(server.port());
  client.send("GET /live/x.flv HTTP/1.1\r\nHost: x\r\n\r\n");
  {
    net::Socket held = taken.get_future().get();
    tcp::socket& socket = held.tcp();
    CHECK(server.reaches_connections(0));
    CHECK(socket.non_blocking());
    asio::write(socket, asio::buffer(head + "FLV"));
    const Reply reply = client.receive();
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "video/x-flv");
  }
  CHECK(client.receive_rest() == "FLV");
}

TEST_CASE("HEAD of a stream is its head alone") {
  LiveServer server([](Request) -> asio::awaitable<Answer> {
    Takeover takeover;
    takeover.head = stream_head("video/x-flv", false);
    takeover.accept = [](const net::Socket&, const net::Ticket&, std::string) { FAIL_CHECK("taken over"); };
    co_return takeover;
  });
  RawClient client(server.port());
  client.send("HEAD /live/x.flv HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive(true).field("Content-Type") == "video/x-flv");
  CHECK(client.at_end());
}

}  // namespace
}  // namespace srs::http
