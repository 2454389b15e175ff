#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>

#include "net/tls.h"

namespace srs::net {
namespace {

constexpr const char* ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";

// Sessions are resumed by tickets only, with the context that issued them.
constexpr unsigned char session_context[] = "srs";

Error file_error(const std::string& file, std::string_view otherwise) {
  return {Errc::io, fmt::format("{}: {}", file, openssl_reason(otherwise))};
}

// OpenSSL would wait for ever for a pipe that nobody writes to.
Result<void> check_file(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return system_error(file, errno);
  if (!S_ISREG(info.st_mode)) return Error{Errc::io, fmt::format("{}: not a regular file", file)};
  return {};
}

// Instead of asking for a pass phrase at the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

bool is_for(SSL_CTX* context, const char* name) {
  return X509_check_host(SSL_CTX_get0_certificate(context), name, 0, 0, nullptr) == 1;
}

bool has_expired(SSL_CTX* context) {
  return X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context))) < 0;
}

}  // namespace

std::string openssl_reason(std::string_view otherwise) {
  const unsigned long code = ERR_peek_error();  // the first: others follow from it
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return std::string(reason == nullptr ? otherwise : reason);
}

void TlsContext::FreeContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<TlsContext::Handle> TlsContext::make(bool is_server) {
  ERR_clear_error();
  Handle context(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method()));
  const bool is_set = context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                      SSL_CTX_set_cipher_list(context.get(), ciphers) == 1 &&
                      SSL_CTX_set1_groups_list(context.get(), groups) == 1;
  if (!is_set)
    return Error{Errc::io, fmt::format("TLS cannot be set up: {}", openssl_reason("out of memory"))};
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // The ends of streams are said by their own protocols. testssl wants the order of ciphers to be the
  // server's; yet ChaCha20 goes first for clients who have it first, since they lack instructions for AES:
  // for their sake Mozilla leaves the order to clients.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

Result<void> TlsContext::use_files(ssl_ctx_st* context, const TlsFiles& files) {
  for (const std::string& file : {files.certificate, files.key})
    if (auto checked = check_file(file); !checked) return checked;
  SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    return file_error(files.certificate, "no certificate");
  const bool is_read = SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1;
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  if (reason == X509_R_KEY_VALUES_MISMATCH || (is_read && SSL_CTX_check_private_key(context) != 1))
    return Error{Errc::io, fmt::format("{}: this key is not that of {}", files.key, files.certificate)};
  if (!is_read) return file_error(files.key, "no key");
  return {};
}

Result<void> TlsContext::demand_certificate(ssl_ctx_st* context, const std::string& client_authorities) {
  if (auto checked = check_file(client_authorities); !checked) return checked;
  ERR_clear_error();
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(client_authorities.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, client_authorities.c_str()) != 1)
    return file_error(client_authorities, "no certificate");
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

// A connection keeps the context of its tickets, which is the first, whatever certificate it is shown.
int TlsContext::on_server_name(ssl_st* ssl, int*, void* self) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const Handle& context : static_cast<const TlsContext*>(self)->contexts_) {
    if (!is_for(context.get(), name)) continue;
    SSL_set_SSL_CTX(ssl, context.get());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const std::vector<TlsFiles>& files,
                                                             const std::string& client_authorities) {
  const auto server = std::make_shared<TlsContext>();
  for (const TlsFiles& each : files) {
    auto context = make(true);
    if (!context) return std::move(context).error();
    SSL_CTX_set_session_id_context(context->get(), session_context, sizeof session_context - 1);
    SSL_CTX_set_alpn_select_cb(context->get(), TlsStream::on_protocols, nullptr);
    if (auto used = use_files(context->get(), each); !used) return std::move(used).error();
    if (!client_authorities.empty())
      if (auto demanded = demand_certificate(context->get(), client_authorities); !demanded)
        return std::move(demanded).error();
    if (has_expired(context->get()))
      server->expired_.push_back(fmt::format("{}: this certificate has expired", each.certificate));
    server->contexts_.push_back(*std::move(context));
  }
  SSL_CTX_set_tlsext_servername_callback(server->handle(), on_server_name);
  SSL_CTX_set_tlsext_servername_arg(server->handle(), server.get());
  return std::shared_ptr<const TlsContext>(server);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const std::string& authorities) {
  auto context = make(false);
  if (!context) return std::move(context).error();
  if (!authorities.empty()) {
    if (auto checked = check_file(authorities); !checked) return std::move(checked).error();
    if (SSL_CTX_load_verify_file(context->get(), authorities.c_str()) != 1)
      return file_error(authorities, "no certificate");
  } else if (SSL_CTX_set_default_verify_paths(context->get()) != 1) {
    return Error{Errc::io, fmt::format("TLS cannot be set up: {}", openssl_reason("no authorities"))};
  }
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
  const auto client = std::make_shared<TlsContext>();
  client->authorities_ = authorities;
  client->contexts_.push_back(*std::move(context));
  return std::shared_ptr<const TlsContext>(client);
}

}  // namespace srs::net
