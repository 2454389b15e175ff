#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace srs::net {
namespace {

constexpr std::size_t max_chunk_bytes = 64 * 1024;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

Error closed() {
  return {Errc::closed, "the peer closed the connection"};
}

Error broken() {
  return {Errc::closed, std::generic_category().message(errno)};
}

// Certificates name hosts or addresses; only a host's name is sent to the server (RFC 6066, section 3).
bool expect_host(SSL* ssl, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1) return true;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

Result<std::unique_ptr<TlsStream>> TlsStream::client(int socket, const std::string& host) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_default_verify_paths(context.get()) != 1)
    return Error{Errc::io, fmt::format("TLS cannot be set up: {}", openssl_reason())};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL* ssl = SSL_new(context.get());
  if (ssl == nullptr) return Error{Errc::io, fmt::format("TLS cannot be set up: {}", openssl_reason())};
  std::unique_ptr<TlsStream> stream(new TlsStream(socket, host, ssl));
  if (!expect_host(ssl, host)) return Error{Errc::usage, fmt::format("{} is not the name of a host", host)};
  SSL_set_connect_state(ssl);
  return stream;
}

TlsStream::TlsStream(int socket, std::string host, SSL* ssl)
    : socket_(socket),
      host_(std::move(host)),
      ssl_(ssl),
      input_(BIO_new(BIO_s_mem())),
      output_(BIO_new(BIO_s_mem())) {
  if (input_ == nullptr || output_ == nullptr) throw std::bad_alloc();
  BIO_set_mem_eof_return(input_, -1);  // empty: more may come
  SSL_set_bio(ssl_, input_, output_);
}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

Error TlsStream::refused_certificate(long why) const {
  const std::string reason = X509_verify_cert_error_string(why);
  const auto refused = [&](std::string_view advice) {
    return Error{Errc::invalid_data,
                 fmt::format("the certificate of {} is not accepted: {} ({})", host_, reason, advice)};
  };
  switch (why) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return refused(
          "it is for another server: use the name that it is for, or check which server answers here");
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return refused("it must be renewed on the server, or the clock here is wrong");
    default:
      return refused("if it is to be trusted, name a file with its authority's certificate in SSL_CERT_FILE");
  }
}

Error TlsStream::failure(int result) const {
  if (SSL_get_error(ssl_, result) == SSL_ERROR_ZERO_RETURN) return closed();
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return refused_certificate(SSL_get_verify_result(ssl_));
  const bool foreign =
      ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST;
  if (foreign)
    return {Errc::invalid_data,
            "the server does not speak TLS at this port (is it rtmp:// instead of rtmps://?)"};
  return {Errc::closed, fmt::format("TLS: {}", openssl_reason())};
}

Result<TlsStream::Wait> TlsStream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  collect_output();
  auto flushed = flush();  // also the alert that tells the server why
  if (result != 1 && SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) return failure(result);
  if (!flushed) return std::move(flushed).error();
  if (!*flushed) return Wait::writable;
  return result == 1 ? Wait::none : Wait::readable;
}

Result<void> TlsStream::receive() {
  std::uint8_t buffer[max_chunk_bytes];
  const ssize_t size = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size == 0) return closed();
  if (size < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
    return broken();
  }
  if (BIO_write(input_, buffer, static_cast<int>(size)) != size) throw std::bad_alloc();
  return {};
}

Result<std::size_t> TlsStream::read(std::span<std::uint8_t> to) {
  ERR_clear_error();
  const int size = SSL_read(ssl_, to.data(), static_cast<int>(std::min(to.size(), max_chunk_bytes)));
  const int error = size > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, size);
  collect_output();  // TLS answers some messages by itself
  if (size > 0) return static_cast<std::size_t>(size);
  if (error != SSL_ERROR_WANT_READ) return failure(size);
  auto flushed = flush();
  if (!flushed) return std::move(flushed).error();
  return std::size_t{0};
}

bool TlsStream::has_input() const {
  return SSL_pending(ssl_) > 0 || BIO_pending(input_) > 0;
}

Result<std::size_t> TlsStream::write(Bytes bytes) {
  auto flushed = flush();
  if (!flushed) return std::move(flushed).error();
  if (!*flushed || bytes.empty()) return std::size_t{0};
  ERR_clear_error();
  const int size = SSL_write(ssl_, bytes.data(), static_cast<int>(std::min(bytes.size(), max_chunk_bytes)));
  if (size <= 0) return failure(size);
  collect_output();
  flushed = flush();
  if (!flushed) return std::move(flushed).error();
  return static_cast<std::size_t>(size);
}

void TlsStream::collect_output() {
  const std::size_t size = BIO_ctrl_pending(output_);
  if (size == 0) return;
  const std::size_t at = unsent_.size();
  unsent_.resize(at + size);
  BIO_read(output_, unsent_.data() + at, static_cast<int>(size));
}

Result<bool> TlsStream::flush() {
  while (has_unsent()) {
    const ssize_t sent =
        ::send(socket_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (sent < 0) return broken();
    sent_ += static_cast<std::size_t>(sent);
  }
  unsent_.clear();
  sent_ = 0;
  return true;
}

void TlsStream::end() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  collect_output();
  [[maybe_unused]] auto flushed = flush();
}

}  // namespace srs::net
