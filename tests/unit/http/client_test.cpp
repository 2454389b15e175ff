#include "http/client.h"

#include <asio/steady_timer.hpp>

#include "unit/http/live_server.h"

using namespace srs;
using namespace srs::http;

namespace {

struct Outcome {
  int status = 0;
  std::string body;
  std::optional<Result<void>> result;
};

// Runs a request to its end.
Outcome fetch(const std::string& url, std::vector<std::string> headers = {}, std::string connect_to = "") {
  asio::io_context io;
  Client client(io);
  Outcome outcome;
  ClientRequest request;
  request.url = url;
  request.headers = std::move(headers);
  request.connect_to = std::move(connect_to);
  request.total_time = std::chrono::seconds(10);
  ClientHandlers handlers;
  handlers.on_head = [&](int status, const Headers&) { outcome.status = status; };
  handlers.on_bytes = [&](Bytes bytes) {
    outcome.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  };
  handlers.on_done = [&](Result<void> result) { outcome.result = std::move(result); };
  const auto transfer = client.get(std::move(request), std::move(handlers));
  io.run_for(std::chrono::seconds(15));
  REQUIRE(outcome.result.has_value());
  return outcome;
}

asio::awaitable<Answer> handle(Request request) {
  if (request.path == "/big") co_return ok("text/plain", std::string(3'000'000, 'x'));
  if (request.path == "/moved") co_return redirect(302, "/hello");
  if (request.path == "/hello")
    co_return ok("text/plain", "hello " + std::string(request.headers.value("X-Name")));
  co_return error_response(request.path == "/down" ? 503 : 404, "no");
}

}  // namespace

TEST_CASE("an answer comes whole, with its status, and the request's own headers were sent") {
  LiveServer server(handle);
  const auto outcome = fetch(server.url() + "/hello", {"X-Name: you"});
  CHECK(outcome.result->ok());
  CHECK(outcome.status == 200);
  CHECK(outcome.body == "hello you");
  CHECK(fetch(server.url() + "/big").body.size() == 3'000'000);
}

TEST_CASE("redirects are followed; only the last head is reported") {
  LiveServer server(handle);
  const auto outcome = fetch(server.url() + "/moved");
  CHECK(outcome.status == 200);
  CHECK(outcome.body == "hello ");
}

TEST_CASE("statuses of 400 and up are errors, without a body") {
  LiveServer server(handle);
  const auto missing = fetch(server.url() + "/nothing");
  CHECK(missing.result->error().code == Errc::not_found);
  CHECK(missing.body.empty());
  CHECK(fetch(server.url() + "/down").result->error().code == Errc::refused);
}

TEST_CASE("connect_to goes there, whatever the URL says") {
  LiveServer server(handle);
  const std::string address = server.url().substr(std::string("http://").size());
  const auto outcome = fetch("http://nowhere.invalid:1/hello", {}, address);
  CHECK(outcome.result->ok());
  CHECK(outcome.body == "hello ");
}

TEST_CASE("nobody listens: closed, with a reason") {
  const auto outcome = fetch("http://127.0.0.1:1/x");
  CHECK(outcome.result->error().code == Errc::closed);
  CHECK_FALSE(outcome.result->error().message.empty());
}

TEST_CASE("a transfer may be destroyed at any time, in its own handler too") {
  LiveServer server(handle);
  asio::io_context io;
  Client client(io);
  TransferPtr transfer;
  bool done = false;
  std::size_t parts = 0;
  ClientHandlers handlers;
  handlers.on_bytes = [&](Bytes) {
    ++parts;
    transfer.reset();
    return true;
  };
  handlers.on_done = [&](Result<void>) { done = true; };
  transfer = client.get({.url = server.url() + "/big"}, handlers);
  io.run_for(std::chrono::seconds(5));
  CHECK(parts == 1);
  CHECK_FALSE(done);
  io.restart();
  transfer = client.get({.url = server.url() + "/big"}, {});
  transfer.reset();
  io.run_for(std::chrono::seconds(5));
}

TEST_CASE("methods reach the server; a redirect that is not followed is an answer like others") {
  ServerOptions options;
  options.more_methods = {"PUT", "POST", "DELETE"};
  LiveServer server(
      [](Request request) -> asio::awaitable<Answer> {
        if (request.path == "/moved") co_return redirect(307, "/hello");
        co_return error_response(request.method == "DELETE" ? 409 : 204,
                                 request.headers.value("Content-Length"));
      },
      options);
  const auto send = [&](ClientRequest request) {
    asio::io_context io;
    Client client(io);
    int status = 0;
    ClientHandlers handlers;
    handlers.on_head = [&](int told, const Headers&) { status = told; };
    std::optional<Result<void>> result;
    handlers.on_done = [&](Result<void> done) { result = std::move(done); };
    const auto transfer = client.send(std::move(request), handlers);
    io.run_for(std::chrono::seconds(15));
    REQUIRE(result.has_value());
    return status;
  };
  const std::uint8_t bytes[] = {1, 2, 3};
  CHECK(send({.url = server.url() + "/x", .method = "PUT", .body = {Slice::copy_of(bytes)}}) == 204);
  CHECK(send({.url = server.url() + "/x", .method = "POST", .body = {Slice::copy_of(bytes)}}) == 204);
  CHECK(send({.url = server.url() + "/x", .method = "DELETE"}) == 409);
  CHECK(send({.url = server.url() + "/moved", .method = "PUT", .follow_redirects = false}) == 307);
}

TEST_CASE("a discarded body ends the transfer after a megabyte") {
  LiveServer server(handle);
  asio::io_context io;
  Client client(io);
  std::optional<Result<void>> result;
  ClientHandlers handlers;
  handlers.on_done = [&](Result<void> done) { result = std::move(done); };
  const auto transfer = client.get({.url = server.url() + "/big"}, std::move(handlers));
  io.run_for(std::chrono::seconds(15));
  REQUIRE(result.has_value());
  REQUIRE(!result->ok());
  CHECK(result->error().code == Errc::too_large);
}

TEST_CASE("the body of a refusal is read if it is asked for") {
  ServerOptions options;
  options.more_methods = {"POST"};
  LiveServer server(handle, options);
  asio::io_context io;
  Client client(io);
  std::string body;
  std::optional<Result<void>> result;
  ClientHandlers handlers;
  handlers.on_bytes = [&](Bytes bytes) {
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  };
  handlers.on_done = [&](Result<void> done) { result = std::move(done); };
  const auto transfer =
      client.send({.url = server.url() + "/down", .method = "POST", .reads_refusals = true}, handlers);
  io.run_for(std::chrono::seconds(15));
  REQUIRE(result.has_value());
  CHECK(result->error().code == Errc::refused);
  CHECK(body == "no\n");
}
