#include "net/transport.h"

#include <asio/io_context.hpp>
#include <optional>

#include "unit/net/tls_server.h"

using namespace srs;
using asio::ip::tcp;
using net::Transport;

namespace {

// What a wait ended with; shared, as its owner.
struct Waited {
  std::optional<asio::error_code> with;
  static Transport::OnReady on_ready(const std::shared_ptr<Waited>& waited) {
    return {waited,
            [](void* owner, const asio::error_code& error) { static_cast<Waited*>(owner)->with = error; }};
  }
};

iovec piece(std::string& text) {
  return {text.data(), text.size()};
}

// Two ends of a connection, with little room in between.
struct Pair {
  Pair() {
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    acceptor.set_option(asio::socket_base::receive_buffer_size(16 * 1024));
    theirs.tcp().connect(acceptor.local_endpoint());
    acceptor.accept(ours);
    theirs.tcp().set_option(asio::socket_base::send_buffer_size(16 * 1024));
    for (tcp::socket* socket : {&ours, &theirs.tcp()}) socket->non_blocking(true);
  }
  std::string receive() {
    std::string all;
    char buffer[4096];
    asio::error_code error;
    while (const std::size_t size = ours.read_some(asio::buffer(buffer), error)) all.append(buffer, size);
    ended = ended || error == asio::error::eof;
    return all;
  }
  void run() {
    io.restart();
    io.poll();
  }

  asio::io_context io;
  net::Socket theirs{tcp::socket(io)};  // the transport is over it
  tcp::socket ours{io};
  bool ended = false;
};

// Sends until there is no room. How many bytes were taken.
std::size_t fill(Transport& transport) {
  std::string block(8 * 1024, 'x');
  std::size_t total = 0;
  for (int i = 0; i < 100'000; ++i) {
    const iovec pieces[] = {piece(block), piece(block)};
    const ssize_t sent = transport.send(pieces);
    if (sent < 0) {
      CHECK(errno == EAGAIN);
      return total;
    }
    total += static_cast<std::size_t>(sent);
  }
  FAIL("it takes without end");
  return total;
}

}  // namespace

TEST_CASE("pieces are sent in one go, and nothing without pieces") {
  Pair pair;
  net::TcpTransport transport(pair.theirs);
  std::string one = "one ", two = "two";
  const iovec pieces[] = {piece(one), piece(two)};
  CHECK(transport.send(pieces) == 7);
  CHECK(transport.send({}) == 0);
  CHECK_FALSE(transport.holds_unsent());
  CHECK(pair.receive() == "one two");
  CHECK(transport.remote_address() == "127.0.0.1:" + std::to_string(pair.ours.local_endpoint().port()));
}

TEST_CASE("a transport that is full is writable again once the peer has read") {
  Pair pair;
  net::TcpTransport transport(pair.theirs);
  transport.limit_unsent(16 * 1024);
  const std::size_t sent = fill(transport);
  const auto waited = std::make_shared<Waited>();
  transport.wait(Transport::Ready::writable, Waited::on_ready(waited));
  pair.run();
  CHECK_FALSE(waited->with);
  std::size_t received = 0;
  for (int i = 0; i < 1000 && !waited->with; ++i) {
    received += pair.receive().size();
    pair.run();
  }
  REQUIRE(waited->with);
  CHECK_FALSE(*waited->with);
  CHECK(received <= sent);
  CHECK(fill(transport) > 0);
}

TEST_CASE("a wait keeps its owner, and ends with an error when it is cancelled or the transport is closed") {
  Pair pair;
  net::TcpTransport transport(std::move(pair.theirs));
  auto waited = std::make_shared<Waited>();
  const std::weak_ptr<Waited> owner = waited;
  transport.wait(Transport::Ready::readable, Waited::on_ready(waited));
  waited.reset();
  CHECK_FALSE(owner.expired());
  transport.cancel();
  CHECK_FALSE(owner.expired());  // later than this returns
  pair.run();
  CHECK(owner.expired());
  waited = std::make_shared<Waited>();
  transport.wait(Transport::Ready::readable, Waited::on_ready(waited));
  transport.close();
  pair.run();
  REQUIRE(waited->with);
  CHECK(*waited->with);
  CHECK(pair.receive().empty());
  CHECK(pair.ended);
}

TEST_CASE("whoever has nothing more to send can still be read from") {
  Pair pair;
  net::TcpTransport transport(pair.theirs);
  transport.shut_sending();
  CHECK(pair.receive().empty());
  CHECK(pair.ended);
  const auto waited = std::make_shared<Waited>();
  transport.wait(Transport::Ready::readable, Waited::on_ready(waited));
  pair.ours.send(asio::buffer("hello", 5));
  for (int i = 0; i < 1000 && !waited->with; ++i) pair.run();
  REQUIRE(waited->with);
  CHECK_FALSE(*waited->with);
  std::string one = "x";
  const iovec pieces[] = {piece(one)};
  CHECK(transport.send(pieces) == -1);
  CHECK(errno == EPIPE);
}

TEST_CASE(
    "over TLS the same bytes arrive, what was taken is held while there is no room, and the end is said") {
  const Certificate certificate("DNS:media.test");
  Pair pair;
  auto tls = net::TlsStream::client(pair.theirs.tcp().native_handle(), "media.test",
                                    *net::TlsContext::client(certificate.path()));
  REQUIRE(tls);
  TlsServer server(pair.ours.native_handle(), certificate);
  bool served = false, shaken = false;
  for (int i = 0; i < 1000 && !(served && shaken); ++i) {
    const auto wait = (*tls)->handshake();
    REQUIRE(wait);
    shaken = *wait == net::TlsStream::Wait::none;
    served = served || server.handshake();
  }
  REQUIRE(served);

  pair.theirs.set_tls(*std::move(tls));
  net::TcpTransport transport(pair.theirs);
  std::string one = "one ", two = "two";
  const iovec pieces[] = {piece(one), piece(two)};
  CHECK(transport.send(pieces) == 7);
  std::string received;
  for (int i = 0; i < 1000 && received.size() < 7; ++i) received += server.read();
  CHECK(received == "one two");
  const std::size_t sent = fill(transport);
  CHECK(transport.holds_unsent());
  CHECK(transport.send({}) == -1);  // moves nothing on: there is no room
  CHECK(errno == EAGAIN);
  std::size_t got = 0;
  for (int i = 0; i < 100'000 && got < sent; ++i) {
    got += server.read().size();
    if (transport.holds_unsent()) (void)transport.send({});
  }
  CHECK(got == sent);
  CHECK_FALSE(transport.holds_unsent());
  transport.shut_sending();
  for (int i = 0; i < 1000 && !server.ended(); ++i) server.read();
  CHECK(server.ended());
}
