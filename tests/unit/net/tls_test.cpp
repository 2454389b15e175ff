// The client's TLS against OpenSSL's server, over a pair of sockets.
#include "net/tls.h"

#include "unit/net/sockets.h"
#include "unit/net/tls_server.h"

using namespace srs;
using net::TlsStream;

namespace {

std::unique_ptr<TlsStream> client_of(const Sockets& sockets, const std::string& host,
                                     const char* authorities) {
  auto context = net::TlsContext::client(authorities);
  REQUIRE(context);
  auto client = TlsStream::client(sockets.client, host, *std::move(context));
  REQUIRE(client);
  return *std::move(client);
}

// Runs the handshake of both sides; returns the client's result.
Result<void> shake_both(TlsStream& client, TlsServer& server) {
  bool served = false;
  for (int i = 0; i < 20; ++i) {
    auto wait = client.handshake();
    if (!wait) return std::move(wait).error();
    served = served || server.handshake();
    if (*wait == TlsStream::Wait::none && served) return {};
  }
  return Error{Errc::timed_out, "no end of it"};
}

std::string read_all(TlsStream& client) {
  std::string all;
  std::uint8_t buffer[100];
  for (;;) {
    auto size = client.read(buffer);
    if (!size || *size == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer), *size);
  }
}

Result<std::size_t> send(TlsStream& stream, std::string text) {
  const iovec piece{text.data(), text.size()};
  return stream.send({&piece, 1});
}

}  // namespace

TEST_CASE("a server with a trusted certificate is accepted, by name or by address") {
  for (const auto& [name, peer] : {std::pair("DNS:media.test", "media.test"),
                                   std::pair("IP:127.0.0.1", "127.0.0.1"), std::pair("IP:::1", "::1")}) {
    const char* host = peer;  // clang 14 captures no structured bindings
    CAPTURE(host);
    const Certificate certificate(name);
    const Sockets sockets;
    const auto client = client_of(sockets, host, certificate.path());
    TlsServer server(sockets.server, certificate);
    auto shaken = shake_both(*client, server);
    CHECK_MESSAGE(shaken, (shaken ? "" : shaken.error().message));
    auto written = send(*client, "hello");
    REQUIRE(written);
    CHECK(*written == 5);
    CHECK(server.read() == "hello");
    CHECK(server.write(std::string(1000, 'x')));
    CHECK(read_all(*client) == std::string(1000, 'x'));
    CHECK_FALSE(client->has_input());
    client->end();
    CHECK(server.read().empty());
    CHECK(server.ended());
  }
}

TEST_CASE("a server that cannot prove its name is refused, with advice") {
  const Certificate certificate("DNS:media.test");
  const Certificate other("DNS:media.test");
  struct Case {
    const char* trusted;
    const char* host;
    const char* why;
  };
  for (const Case& each : {Case{other.path(), "media.test", "SSL_CERT_FILE"},
                           Case{certificate.path(), "other.test", "another server"},
                           Case{certificate.path(), "127.0.0.1", "another server"}}) {
    CAPTURE(each.host);
    const Sockets sockets;
    const auto client = client_of(sockets, each.host, each.trusted);
    TlsServer server(sockets.server, certificate);
    const auto shaken = shake_both(*client, server);
    REQUIRE_FALSE(shaken);
    CHECK(shaken.error().code == Errc::invalid_data);
    CAPTURE(shaken.error().message);
    CHECK(shaken.error().message.find(each.why) != std::string::npos);
    CHECK(shaken.error().message.find(each.host) != std::string::npos);
  }
}

TEST_CASE("a server without TLS and one that hangs up give different errors") {
  const Sockets sockets;
  const auto client = client_of(sockets, "media.test", "");
  REQUIRE(client->handshake());
  const std::string plain = "\x03 this is RTMP";
  REQUIRE(::write(sockets.server, plain.data(), plain.size()) > 0);
  auto shaken = client->handshake();
  REQUIRE_FALSE(shaken);
  CHECK(shaken.error().message.find("does not speak TLS") != std::string::npos);

  const Sockets hung_up;
  const auto second = client_of(hung_up, "media.test", "");
  REQUIRE(second->handshake());
  ::shutdown(hung_up.server, SHUT_RDWR);
  shaken = second->handshake();
  REQUIRE_FALSE(shaken);
  CHECK(shaken.error().code == Errc::closed);
}

TEST_CASE("accepted bytes are sent, however little room there is, and the caller may go on with others") {
  const Certificate certificate("DNS:media.test");
  const Sockets sockets;
  const int small = 4096;
  ::setsockopt(sockets.client, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  const auto client = client_of(sockets, "media.test", certificate.path());
  TlsServer server(sockets.server, certificate);
  REQUIRE(shake_both(*client, server));
  std::string wanted, got;
  bool was_full = false;
  for (int i = 0; i < 2000 && wanted.size() < 2'000'000; ++i) {
    // A new text each time: none is written again because there was no room for it.
    const std::string text(1000 + i * 37, static_cast<char>('a' + i % 26));
    auto taken = send(*client, text);
    REQUIRE(taken);
    wanted += text.substr(0, *taken);
    if (*taken == 0) {
      was_full = true;
      got += server.read();
    }
  }
  for (int i = 0; i < 10'000 && client->has_unsent(); ++i) {
    auto flushed = client->flush();
    REQUIRE(flushed);
    got += server.read();
  }
  got += server.read();
  CHECK(was_full);
  CHECK(got.size() >= 1'000'000);
  CHECK((got == wanted));
}
