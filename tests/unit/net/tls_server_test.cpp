// Our server's TLS against our client's, and against OpenSSL's where ours would behave too well.
#include <openssl/ssl.h>

#include <csignal>
#include <string>

#include "net/tls.h"
#include "unit/net/certificate.h"
#include "unit/net/sockets.h"

using namespace srs;
using net::TlsContext;
using net::TlsStream;
using Context = std::shared_ptr<const TlsContext>;

namespace {

Context server_context(const std::vector<const Certificate*>& certificates,
                       const std::string& client_authorities = {}) {
  std::vector<net::TlsFiles> files;
  for (const Certificate* each : certificates) files.push_back({each->path(), each->path()});
  auto context = TlsContext::server(files, client_authorities);
  REQUIRE_MESSAGE(context, (context ? "" : context.error().message));
  return *std::move(context);
}

std::unique_ptr<TlsStream> server_of(const Sockets& sockets, const Context& context,
                                     std::string_view protocols = {}) {
  auto server = TlsStream::server(sockets.server, context, protocols);
  REQUIRE(server);
  return *std::move(server);
}

// OpenSSL's own client, stepped by the test. It trusts everybody.
class Client {
 public:
  explicit Client(int fd, int version = TLS1_3_VERSION) : context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_cipher_list(context_, "DEFAULT:@SECLEVEL=0");
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd);
    SSL_set_connect_state(ssl_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  SSL* ssl() { return ssl_; }
  SSL_CTX* context() { return context_; }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

// The server's outcome.
Result<void> shake_both(TlsStream& server, SSL* client) {
  for (int i = 0; i < 20; ++i) {
    const bool is_done = SSL_do_handshake(client) == 1;
    auto wait = server.handshake();
    if (!wait) return std::move(wait).error();
    if (*wait == TlsStream::Wait::none && is_done) return {};
  }
  return Error{Errc::timed_out, "no end of it"};
}

std::string read_all(TlsStream& stream) {
  std::string all;
  std::uint8_t buffer[100];
  for (;;) {
    const auto size = stream.read(buffer);
    if (!size || *size == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer), *size);
  }
}

bool is_shown(SSL* client, const Certificate& certificate) {
  return X509_cmp(SSL_get0_peer_certificate(client), certificate.certificate()) == 0;
}

}  // namespace

TEST_CASE("the name that a client asks for chooses the certificate; the first is for all others") {
  const Certificate first("DNS:a.test"), second("DNS:b.test,DNS:*.c.test");
  const Context context = server_context({&first, &second});
  struct Case {
    const char* asked;
    const Certificate* shown;
  };
  for (const Case& each :
       {Case{"a.test", &first}, Case{"b.test", &second}, Case{"B.test", &second}, Case{"x.c.test", &second},
        Case{"x.y.c.test", &first}, Case{"d.test", &first}, Case{nullptr, &first}}) {
    CAPTURE(each.asked);
    const Sockets sockets;
    const auto server = server_of(sockets, context);
    Client client(sockets.client);
    if (each.asked != nullptr) SSL_set_tlsext_host_name(client.ssl(), each.asked);
    REQUIRE(shake_both(*server, client.ssl()));
    CHECK(is_shown(client.ssl(), *each.shown));
    REQUIRE(SSL_write(client.ssl(), "hello", 5) == 5);
    CHECK(server->has_input());
    CHECK(read_all(*server) == "hello");
    CHECK_FALSE(server->has_input());
  }
}

TEST_CASE("a session goes on with a ticket of the same context, and not with one of another") {
  const Certificate first("DNS:a.test"), second("DNS:b.test");
  const Context context = server_context({&first, &second}), other = server_context({&first, &second});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_SESSION* session = nullptr;
    const auto connect = [&](const Context& to) {
      const Sockets sockets;
      const auto server = server_of(sockets, to);
      Client client(sockets.client, version);
      SSL_set_tlsext_host_name(client.ssl(), "b.test");
      if (session != nullptr) SSL_set_session(client.ssl(), session);
      REQUIRE(shake_both(*server, client.ssl()));
      char byte = 0;
      SSL_read(client.ssl(), &byte, 1);  // the ticket, in version 1.3
      SSL_SESSION_free(session);
      session = SSL_get1_session(client.ssl());
      const bool is_reused = SSL_session_reused(client.ssl()) == 1;
      SSL_set_shutdown(client.ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
      return is_reused;
    };
    CHECK_FALSE(connect(context));
    CHECK(connect(context));
    CHECK_FALSE(connect(other));
    SSL_SESSION_free(session);
  }
}

TEST_CASE("a protocol of ALPN is chosen, or refused") {
  const Certificate certificate("DNS:a.test");
  const Context context = server_context({&certificate});
  struct Case {
    std::string_view served, offered;
    const char* chosen;  // null: refused
  };
  for (const Case& each : {Case{TlsStream::alpn_http, "\x02h2\x08http/1.1", "http/1.1"},
                           Case{TlsStream::alpn_http, "\x02h2", nullptr}, Case{"", "\x02h2", ""},
                           Case{TlsStream::alpn_http, "", ""}}) {
    CAPTURE(each.offered);
    const Sockets sockets;
    const auto server = server_of(sockets, context, each.served);
    Client client(sockets.client);
    SSL_set_alpn_protos(client.ssl(), reinterpret_cast<const unsigned char*>(each.offered.data()),
                        static_cast<unsigned>(each.offered.size()));
    const auto shaken = shake_both(*server, client.ssl());
    CHECK(shaken.ok() == (each.chosen != nullptr));
    if (!shaken || each.chosen == nullptr) continue;
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
    CHECK(std::string(reinterpret_cast<const char*>(chosen), size) == each.chosen);
  }
}

TEST_CASE("a client's certificate is demanded, and says its name") {
  const Certificate certificate("DNS:a.test"), authority("DNS:authority"), stranger("DNS:stranger");
  const Certificate operator_certificate("DNS:alice", &authority);
  const Context context = server_context({&certificate}, authority.path());
  const auto shake = [&](const Certificate* shown) {
    const Sockets sockets;
    const auto server = server_of(sockets, context);
    Client client(sockets.client);
    if (shown != nullptr) {
      SSL_use_certificate(client.ssl(), shown->certificate());
      SSL_use_PrivateKey(client.ssl(), shown->key());
    }
    const auto shaken = shake_both(*server, client.ssl());
    return shaken ? server->peer_name() : "refused: " + shaken.error().message;
  };
  CHECK(shake(&operator_certificate) == "alice");
  CHECK(shake(nullptr).find("peer did not return a certificate") != std::string::npos);
  CHECK(shake(&stranger).find("the client's certificate is not accepted") != std::string::npos);
}

TEST_CASE("who does not speak TLS, or an old one, is told from who does") {
  const Certificate certificate("DNS:a.test");
  const Context context = server_context({&certificate});
  const auto answer_to = [&](const std::string& bytes) {
    const Sockets sockets;
    const auto server = server_of(sockets, context);
    REQUIRE(::write(sockets.client, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    auto shaken = server->handshake();
    REQUIRE_FALSE(shaken);
    CHECK(server->is_plain_http() == bytes.starts_with("GET"));
    return shaken.error();
  };
  CHECK(answer_to("GET /live/a.flv HTTP/1.1\r\n\r\n").message.find("plain HTTP") != std::string::npos);
  CHECK(answer_to("\x03" + std::string(1536, '\0')).message.find("rtmp://") != std::string::npos);
  CHECK(answer_to(std::string(5000, '\x55')).code == Errc::invalid_data);

  const Sockets sockets;
  const auto server = server_of(sockets, context);
  Client client(sockets.client, TLS1_1_VERSION);
  SSL_set_min_proto_version(client.ssl(), TLS1_VERSION);
  const auto shaken = shake_both(*server, client.ssl());
  REQUIRE_FALSE(shaken);
  CHECK(shaken.error().message.find("unsupported protocol") != std::string::npos);
}

TEST_CASE("a handshake takes 64 KiB at most") {
  const Certificate certificate("DNS:a.test");
  const Sockets sockets;
  const auto server = server_of(sockets, server_context({&certificate}));
  // A ClientHello of 120 KiB in records of 1000 bytes.
  std::string record("\x16\x03\x01\x03\xe8", 5);
  const std::string start("\x01\x01\xe0\x00\x03\x03", 6);
  std::size_t sent = 0;
  Result<TlsStream::Wait> wait = TlsStream::Wait::readable;
  for (int i = 0; i < 120 && wait; ++i) {
    std::string content = i == 0 ? start : std::string();
    content.resize(1000, '\x11');
    REQUIRE(::write(sockets.client, (record + content).data(), 1005) == 1005);
    sent += 1005;
    wait = server->handshake();
  }
  REQUIRE_FALSE(wait);
  CHECK(sent < TlsStream::max_handshake_bytes + 3000);
}

TEST_CASE("nobody shakes hands again, and endless new keys end a connection") {
  const Certificate certificate("DNS:a.test");
  const Context context = server_context({&certificate});
  {
    const Sockets sockets;
    const auto server = server_of(sockets, context);
    Client client(sockets.client, TLS1_2_VERSION);
    REQUIRE(shake_both(*server, client.ssl()));
    SSL_renegotiate(client.ssl());
    SSL_do_handshake(client.ssl());
    CHECK(read_all(*server).empty());
    CHECK(SSL_do_handshake(client.ssl()) != 1);
  }
  const Sockets sockets;
  const auto server = server_of(sockets, context);
  Client client(sockets.client);
  REQUIRE(shake_both(*server, client.ssl()));
  Result<std::size_t> size = std::size_t{0};
  char byte = 0;
  int updates = 0;
  for (; updates < 5000 && size; ++updates) {
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED);
    if (SSL_do_handshake(client.ssl()) != 1) break;
    std::uint8_t buffer[100];
    size = server->read(buffer);
    SSL_read(client.ssl(), &byte, 1);
  }
  CHECK_FALSE(size);
  CHECK(updates < 2000);
}

TEST_CASE("what a peer asks for and does not read is bounded") {
  const Certificate certificate("DNS:a.test");
  const Sockets sockets;
  const int small = 4096;
  ::setsockopt(sockets.server, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  const auto server = server_of(sockets, server_context({&certificate}));
  Client client(sockets.client);
  REQUIRE(shake_both(*server, client.ssl()));
  std::string block(1 << 20, 'x');
  const iovec piece{block.data(), block.size()};
  const auto taken = server->send({&piece, 1});
  REQUIRE(taken);
  CHECK(*taken >= 32 * 1024);
  CHECK(*taken < 128 * 1024);
  CHECK(server->has_unsent());
  CHECK(*server->send({&piece, 1}) == 0);
}

TEST_CASE("rubbish after the handshake ends the connection") {
  const Certificate certificate("DNS:a.test");
  const Sockets sockets;
  const auto server = server_of(sockets, server_context({&certificate}));
  Client client(sockets.client);
  REQUIRE(shake_both(*server, client.ssl()));
  const std::string rubbish = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'r');
  REQUIRE(::write(sockets.client, rubbish.data(), rubbish.size()) > 0);
  std::uint8_t buffer[100];
  const auto size = server->read(buffer);
  REQUIRE_FALSE(size);
  CHECK(size.error().code == Errc::closed);
  CHECK(server->has_input());  // the next read fails, too
}
