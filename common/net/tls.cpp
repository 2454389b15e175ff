#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

namespace srs::net {
namespace {

// What is encrypted before it is sent: two records.
constexpr std::size_t piece_bytes = 32 * 1024;
constexpr std::size_t max_send_bytes = 512 * 1024;
constexpr std::size_t max_receive_bytes = 64 * 1024;
// A piece, and answers of TLS itself to a peer that asks again and again and does not read them.
constexpr std::size_t max_unsent_bytes = 128 * 1024;
// After the handshake: new keys and tickets. Few peers send any; each costs as much as 64 KiB of content.
constexpr std::size_t max_late_messages = 1000;

Error closed() {
  return {Errc::closed, "the peer closed the connection"};
}

Error broken() {
  return {Errc::closed, std::generic_category().message(errno)};
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

// Certificates name hosts or addresses; only a host's name is sent to the server (RFC 6066, section 3).
bool expect_host(SSL* ssl, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1) return true;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

struct TlsStream::Stage {
  std::uint8_t bytes[piece_bytes + 8 * 1024];  // records have up to 64 bytes of their own
  std::size_t size = 0;
};

struct TlsStream::Bio {
  static TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    const std::size_t wanted = std::min(static_cast<std::size_t>(size), stream.may_receive_);
    if (wanted == 0) return BIO_set_retry_read(bio), -1;
    const ssize_t got = ::recv(stream.socket_, to, wanted, MSG_DONTWAIT);
    if (got < 0 && would_block()) return BIO_set_retry_read(bio), -1;
    if (got <= 0) stream.hung_up_ = true;
    if (got > 0) stream.may_receive_ -= static_cast<std::size_t>(got);
    return static_cast<int>(got);
  }

  static int write(BIO* bio, const char* from, int size) {
    TlsStream& stream = stream_of(bio);
    BIO_clear_retry_flags(bio);
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size));
    return stream.keep_unsent(bytes) ? size : -1;
  }

  static long control(BIO* bio, int what, long, void*) {
    if (what == BIO_CTRL_EOF) return stream_of(bio).hung_up_ ? 1 : 0;
    return what == BIO_CTRL_FLUSH ? 1 : 0;
  }

  // Tells messages of a handshake from those after it.
  static void on_message(int is_sent, int, int type, const void*, std::size_t, SSL* ssl, void*) {
    TlsStream& stream = *static_cast<TlsStream*>(SSL_get_app_data(ssl));
    if (is_sent != 0 || type != SSL3_RT_HANDSHAKE || !stream.shaken_) return;
    if (++stream.late_messages_ > max_late_messages) stream.may_receive_ = 0;
  }

  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* make_method() {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, read);
    BIO_meth_set_write(made, write);
    BIO_meth_set_ctrl(made, control);
    BIO_meth_set_create(made, create);
    return made;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = make_method();
    return made;
  }
};

Result<ssl_st*> TlsStream::open(const TlsContext& context) {
  ERR_clear_error();
  SSL* const ssl = SSL_new(context.handle());
  if (ssl == nullptr)
    return Error{Errc::io, fmt::format("TLS cannot be set up: {}", openssl_reason("out of memory"))};
  return ssl;
}

Result<std::unique_ptr<TlsStream>> TlsStream::client(int socket, const std::string& host,
                                                     std::shared_ptr<const TlsContext> context) {
  const auto ssl = open(*context);
  if (!ssl) return Error(ssl.error());
  std::unique_ptr<TlsStream> stream(new TlsStream(socket, host, std::move(context), *ssl));
  if (!expect_host(*ssl, host)) return Error{Errc::usage, fmt::format("{} is not the name of a host", host)};
  SSL_set_connect_state(*ssl);
  return stream;
}

Result<std::unique_ptr<TlsStream>> TlsStream::server(int socket, std::shared_ptr<const TlsContext> context,
                                                     std::string_view protocols) {
  const auto ssl = open(*context);
  if (!ssl) return Error(ssl.error());
  std::unique_ptr<TlsStream> stream(new TlsStream(socket, {}, std::move(context), *ssl));
  stream->protocols_ = protocols;
  SSL_set_accept_state(*ssl);
  return stream;
}

TlsStream::TlsStream(int socket, std::string peer, std::shared_ptr<const TlsContext> context, SSL* ssl)
    : socket_(socket), host_(std::move(peer)), context_(std::move(context)), ssl_(ssl) {
  BIO* const bio = BIO_new(Bio::method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  SSL_set_msg_callback(ssl_, Bio::on_message);
}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

int TlsStream::on_protocols(ssl_st* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                            const unsigned char* offered, unsigned offered_size, void*) {
  const std::string_view served = static_cast<TlsStream*>(SSL_get_app_data(ssl))->protocols_;
  if (served.empty()) return SSL_TLSEXT_ERR_NOACK;
  const auto* const ours = reinterpret_cast<const unsigned char*>(served.data());
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, chosen_size, ours, static_cast<unsigned>(served.size()),
                                            offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Error TlsStream::refused_certificate(long why) const {
  const std::string reason = X509_verify_cert_error_string(why);
  if (host_.empty())
    return {Errc::invalid_data, fmt::format("the client's certificate is not accepted: {}", reason)};
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
      return refused(
          "if it is to be trusted, name a file with its authority's certificate by --tls-ca or in "
          "SSL_CERT_FILE");
  }
}

// It sent something else than a handshake of TLS.
Error TlsStream::foreign_peer(int reason) {
  is_plain_http_ = host_.empty() && reason == SSL_R_HTTP_REQUEST;
  if (is_plain_http_)
    return {Errc::invalid_data, "it speaks plain HTTP (is it http:// instead of https://?)"};
  if (host_.empty())
    return {Errc::invalid_data, "it does not speak TLS (is it rtmp:// instead of rtmps://?)"};
  return {Errc::invalid_data,
          "the server does not speak TLS at this port (is it rtmp:// instead of rtmps://?)"};
}

Error TlsStream::failure(int result) {
  const unsigned long code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  if (!shaken_ && handshake_bytes_ > max_handshake_bytes)
    return {Errc::too_large, fmt::format("a TLS handshake of more than {} KiB", max_handshake_bytes / 1024)};
  if (SSL_get_error(ssl_, result) == SSL_ERROR_ZERO_RETURN || code == 0) return closed();
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) return refused_certificate(SSL_get_verify_result(ssl_));
  const bool is_foreign = reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
                          reason == SSL_R_HTTPS_PROXY_REQUEST;
  if (is_foreign && !shaken_) return foreign_peer(reason);
  return {shaken_ ? Errc::closed : Errc::invalid_data, fmt::format("TLS: {}", openssl_reason("broken"))};
}

Result<TlsStream::Wait> TlsStream::handshake() {
  ERR_clear_error();
  // One byte more, so that what is too much is noticed.
  const std::size_t before = max_handshake_bytes + 1 - handshake_bytes_;
  may_receive_ = before;
  const int result = SSL_do_handshake(ssl_);
  handshake_bytes_ += before - may_receive_;
  const bool is_too_much = result != 1 && handshake_bytes_ > max_handshake_bytes;
  auto flushed = flush();  // also the alert that tells the peer why
  if (is_too_much || (result != 1 && SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ))
    return failure(result);
  if (!flushed) return std::move(flushed).error();
  if (!*flushed) return Wait::writable;
  shaken_ = result == 1;
  return shaken_ ? Wait::none : Wait::readable;
}

std::string TlsStream::peer_name() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return name;
}

Result<std::size_t> TlsStream::read(std::span<std::uint8_t> to) {
  ERR_clear_error();
  may_receive_ = max_receive_bytes;
  const int size = SSL_read(ssl_, to.data(), static_cast<int>(std::min(to.size(), max_receive_bytes)));
  if (size > 0) return static_cast<std::size_t>(size);
  const bool is_waiting = SSL_get_error(ssl_, size) == SSL_ERROR_WANT_READ;
  auto flushed = flush();  // TLS answers some messages by itself
  if (!is_waiting) return failure(size);
  if (late_messages_ > max_late_messages) return Error{Errc::closed, "TLS: messages without end"};
  has_input_ = false;
  if (!flushed) return std::move(flushed).error();
  return std::size_t{0};
}

Result<std::size_t> TlsStream::fill(std::span<std::uint8_t> to) {
  std::size_t total = 0;
  while (total < to.size()) {
    auto size = read(to.subspan(total));
    if (!size && total == 0) return size;  // else the next call finds it
    if (!size || *size == 0) break;
    total += *size;
  }
  return total;
}

// What does not fit on the stage is not sent at once. Nothing is staged while anything is unsent.
bool TlsStream::keep_unsent(Bytes bytes) {
  if (stage_ != nullptr && unsent_.empty() && bytes.size() <= sizeof stage_->bytes - stage_->size) {
    std::memcpy(stage_->bytes + stage_->size, bytes.data(), bytes.size());
    stage_->size += bytes.size();
    return true;
  }
  if (stage_ != nullptr && stage_->size > 0) {
    unsent_.assign(stage_->bytes, stage_->bytes + stage_->size);
    stage_->size = 0;
  }
  if (unsent_.size() + bytes.size() > max_unsent_bytes) return false;
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  return true;
}

// Encrypts a piece of what begins at the offset, and consumes it.
Result<std::size_t> TlsStream::encrypt(std::span<const iovec>& pieces, std::size_t& offset) {
  std::size_t taken = 0;
  while (taken < piece_bytes && !pieces.empty()) {
    const iovec& piece = pieces.front();
    const std::size_t size = std::min(piece.iov_len - offset, piece_bytes - taken);
    ERR_clear_error();
    if (size > 0) {
      const int written =
          SSL_write(ssl_, static_cast<const char*>(piece.iov_base) + offset, static_cast<int>(size));
      if (written <= 0) return failure(written);
    }
    taken += size;
    offset += size;
    if (offset < piece.iov_len) break;
    offset = 0;
    pieces = pieces.subspan(1);
  }
  return taken;
}

Result<std::size_t> TlsStream::send(std::span<const iovec> pieces) {
  auto flushed = flush();
  if (!flushed) return std::move(flushed).error();
  std::size_t total = 0;
  std::size_t offset = 0;  // in the first piece
  while (!has_unsent() && !pieces.empty() && total < max_send_bytes) {
    Stage stage;
    stage_ = &stage;
    const auto taken = encrypt(pieces, offset);
    stage_ = nullptr;
    if (!taken) return Error(taken.error());
    total += *taken;
    if (auto sent = send_staged(Bytes(stage.bytes, stage.size)); !sent) return std::move(sent).error();
  }
  return total;
}

Result<void> TlsStream::send_staged(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && would_block()) break;
    if (sent < 0) return broken();
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  return {};
}

Result<bool> TlsStream::flush() {
  while (has_unsent()) {
    const ssize_t sent =
        ::send(socket_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && would_block()) return false;
    if (sent < 0) return broken();
    sent_ += static_cast<std::size_t>(sent);
  }
  unsent_ = {};
  sent_ = 0;
  return true;
}

void TlsStream::end() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  [[maybe_unused]] auto flushed = flush();
}

}  // namespace srs::net
