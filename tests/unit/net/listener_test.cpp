#include "net/listener.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace srs::net {
namespace {

using asio::ip::tcp;

Result<Listener> open(asio::io_context& io, const std::string& url, const ListenOptions& options = {}) {
  auto listeners = Listener::open({io.get_executor()}, *parse_url(url), options);
  if (!listeners) return std::move(listeners).error();
  return std::move(listeners->front());
}

TEST_CASE("port 0 is a free port, and the display says which") {
  asio::io_context io;
  auto listener = open(io, "http://127.0.0.1:0");
  REQUIRE(listener);
  CHECK(listener->port() != 0);
  CHECK(listener->display() == "http://127.0.0.1:" + std::to_string(listener->port()));
}

TEST_CASE("a port in use is an error that names it") {
  asio::io_context io;
  auto first = open(io, "http://127.0.0.1:0");
  REQUIRE(first);
  const std::string url = first->display();
  const auto second = open(io, url);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find(url) != std::string::npos);
  CHECK(second.error().message.find("in use") != std::string::npos);
}

TEST_CASE("a port that is free again can be taken") {
  asio::io_context io;
  bool taken = false;
  // Somebody else may grab the port in between: once is bad luck, several times is not.
  for (int attempt = 0; attempt < 5 && !taken; ++attempt) {
    auto first = open(io, "http://127.0.0.1:0");
    REQUIRE(first);
    const std::string url = first->display();
    first->close();
    taken = open(io, url).ok();
  }
  CHECK(taken);
}

TEST_CASE("a port is shared on request, and handed over") {
  asio::io_context io;
  auto first = open(io, "http://127.0.0.1:0");
  REQUIRE(first);
  auto second = open(io, first->display(), {.share_ports = true});
  REQUIRE(second);
  CHECK(second->port() == first->port());
  int by_first = 0, by_second = 0;
  const Listener::Callbacks nothing{[](const std::string&) {}, {}};
  asio::co_spawn(io, first->accept_loop([&](tcp::socket, const Ticket&) { ++by_first; }, nothing),
                 asio::detached);
  asio::co_spawn(io, second->accept_loop([&](tcp::socket, const Ticket&) { ++by_second; }, nothing),
                 asio::detached);
  std::vector<tcp::socket> clients;
  const auto connect_twenty = [&] {
    for (int i = 0; i < 20; ++i)
      clients.emplace_back(io).connect({asio::ip::address_v4::loopback(), second->port()});
  };
  connect_twenty();  // these wait to be accepted by both
  first->hand_over();
  connect_twenty();  // these only by the second
  io.run_for(3 * Listener::hand_over_time);
  CHECK(by_first + by_second == 40);
  CHECK(by_second >= 20);
  CHECK(by_first > 0);
  by_second = 0;
  connect_twenty();
  io.run_for(std::chrono::milliseconds(100));
  CHECK(by_second == 20);
}

TEST_CASE("an inherited socket is used by the URL of its address, and stays open") {
  asio::io_context io;
  tcp::acceptor held(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::string url = "rtmp://127.0.0.1:" + std::to_string(held.local_endpoint().port());
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  ::close(pipe[1]);
  InheritedSockets sockets({{::dup(held.native_handle()), "edge"}, {pipe[0], "pipe"}});
  CHECK(sockets.unused().size() == 2);
  CHECK_FALSE(open(io, url));  // without the socket the port is in use
  auto listener = open(io, url, {.inherited = &sockets});
  REQUIRE(listener);
  CHECK(listener->display() == url);
  CHECK(sockets.unused() == std::vector<std::string>{"pipe (not a listening TCP socket)"});
  int served = 0;
  asio::co_spawn(
      io,
      listener->accept_loop([&](tcp::socket, const Ticket&) { ++served; }, {[](const std::string&) {}, {}}),
      asio::detached);
  tcp::socket client(io), late(io);
  client.connect(held.local_endpoint());
  io.run_for(std::chrono::milliseconds(100));
  CHECK(served == 1);
  listener->close();
  io.run_for(std::chrono::milliseconds(100));
  late.connect(held.local_endpoint());  // waits for the next listener
  CHECK(served == 1);
}

TEST_CASE("an address of another machine is an error") {
  asio::io_context io;
  CHECK_FALSE(open(io, "http://192.0.2.1:0"));
  CHECK_FALSE(open(io, "http://no-such-host.invalid:0"));
}

TEST_CASE("a listener's description is what it serves") {
  asio::io_context io;
  const auto all = open(io, "http://0.0.0.0:0"), one = open(io, "http://127.0.0.1:0");
  REQUIRE((all && one));
  CHECK(all->display() == "http://0.0.0.0:" + std::to_string(all->port()));
  CHECK(all->wildcard_scope() == "all addresses, IPv4 only");
  CHECK(one->display() == "http://127.0.0.1:" + std::to_string(one->port()));
  CHECK(one->wildcard_scope().empty());
}

TEST_CASE("without a host IPv4 is served, whether or not there is IPv6") {
  asio::io_context io;
  auto listener = open(io, "rtmp://:0");
  REQUIRE(listener);
  const std::string port = std::to_string(listener->port());
  if (listener->display() == "rtmp://[::]:" + port) {
    CHECK(listener->wildcard_scope() == "all addresses, IPv4 and IPv6");
  } else {
    CHECK(listener->display() == "rtmp://0.0.0.0:" + port);
    CHECK(listener->wildcard_scope() == "all addresses, IPv4 only");
  }
  std::vector<std::string> peers;
  const auto serve = [&](tcp::socket socket, const Ticket&) {
    tcp::no_delay option;
    socket.get_option(option);
    CHECK(option.value());
    peers.push_back(remote_address(socket));
    listener->close();
  };
  asio::co_spawn(io, listener->accept_loop(serve, {[](const std::string&) {}, {}}), asio::detached);
  tcp::socket client(io);
  client.connect({asio::ip::address_v4::loopback(), listener->port()});
  const std::string own_address = "127.0.0.1:" + std::to_string(client.local_endpoint().port());
  io.run_for(std::chrono::seconds(10));
  CHECK(io.stopped());  // close() ended the loop
  CHECK(peers == std::vector<std::string>{own_address});
}

TEST_CASE("the address of a socket without a peer") {
  asio::io_context io;
  CHECK(remote_address(tcp::socket(io)) == "unknown");
}

TEST_CASE("out of descriptors it reports once, waits, and goes on") {
  asio::io_context io;
  auto listener = open(io, "http://127.0.0.1:0");
  REQUIRE(listener);
  int served = 0, reports = 0;
  const auto serve = [&](tcp::socket, const Ticket&) { ++served; };
  const auto on_error = [&](std::string what) {
    ++reports;
    CHECK(what.find("cannot accept") != std::string::npos);
  };
  asio::co_spawn(io, listener->accept_loop(serve, {on_error, {}}), asio::detached);
  io.poll();
  tcp::socket client(io);
  client.connect({asio::ip::address_v4::loopback(), listener->port()});

  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit none{0, limit.rlim_max};  // descriptors that are open stay usable
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto handlers = io.run_for(std::chrono::milliseconds(450));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(reports == 1);
  CHECK(served == 0);
  CHECK(handlers < 100);  // it does not spin

  for (int i = 0; i < 100 && served == 0; ++i) io.run_for(std::chrono::milliseconds(100));
  CHECK(served == 1);
}

}  // namespace
}  // namespace srs::net
