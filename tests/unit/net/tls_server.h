// The server's side of TLS for tests, by OpenSSL alone. Non-blocking, stepped by the test.
#pragma once

#include <fcntl.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "unit/net/certificate.h"

class TlsServer {
 public:
  TlsServer(int fd, const Certificate& certificate) : context_(SSL_CTX_new(TLS_server_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that are gone
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    SSL_CTX_use_certificate(context_, certificate.certificate());
    SSL_CTX_use_PrivateKey(context_, certificate.key());
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd);
    SSL_set_accept_state(ssl_);
  }
  ~TlsServer() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }

  bool handshake() { return SSL_do_handshake(ssl_) == 1; }
  std::string read() {
    std::string all;
    char buffer[4096];
    for (int size = 0; (size = SSL_read(ssl_, buffer, sizeof buffer)) > 0;)
      all.append(buffer, static_cast<std::size_t>(size));
    ended_ = ended_ || (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
    return all;
  }
  bool write(const std::string& text) {
    return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
  }
  // The client has closed its sending side.
  bool ended() const { return ended_; }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool ended_ = false;
};
