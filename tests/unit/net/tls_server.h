// The server's side of TLS for tests, with a certificate made on the spot. Non-blocking, stepped by the test.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// A key and a certificate for `name` ("DNS:a.test", "IP:127.0.0.1"), signed by itself; written to a file as
// PEM.
class Certificate {
 public:
  explicit Certificate(const char* name) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    REQUIRE(key_ != nullptr);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_set_version(certificate_, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = X509_get_subject_name(certificate_);
    const auto* text = reinterpret_cast<const unsigned char*>("test");
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    REQUIRE(names != nullptr);
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    REQUIRE(X509_sign(certificate_, key_, EVP_sha256()) > 0);
    const int fd = ::mkstemp(path_);
    FILE* file = ::fdopen(fd, "w");
    REQUIRE(PEM_write_X509(file, certificate_) == 1);
    std::fclose(file);
  }
  ~Certificate() {
    ::unlink(path_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  const char* path() const { return path_; }
  EVP_PKEY* key() const { return key_; }
  X509* certificate() const { return certificate_; }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
  char path_[32] = "/tmp/srs-unit-tls-XXXXXX";
};

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
