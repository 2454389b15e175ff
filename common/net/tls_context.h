// TlsContext: what connections over TLS share: the certificates that a server shows, or the authorities that
// a client trusts. An SSL_CTX of OpenSSL for each certificate.
//
// TLS 1.2 and 1.3 with Mozilla's intermediate ciphers (version 5.7), but without DHE: it costs a server more
// than all others and serves no client of today. Immutable; any thread; connections hold it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace srs::net {

// Names of PEM files; one may hold both.
struct TlsFiles {
  std::string certificate;  // with its chain behind it
  std::string key;          // not encrypted
};

class TlsContext {
 public:
  // For a server with these certificates, at least one. It chooses by the name that the client asks for among
  // the names in them (RFC 6066, section 3); the first is for all others. client_authorities: file of the
  // authorities one of which must have signed the client's certificate; empty: none is asked for. Errors name
  // the file.
  static Result<std::shared_ptr<const TlsContext>> server(const std::vector<TlsFiles>& files,
                                                          const std::string& client_authorities);
  // For a client. authorities: the file of those whom it trusts; empty: the system's, or those in the file
  // that SSL_CERT_FILE names in the environment.
  static Result<std::shared_ptr<const TlsContext>> client(const std::string& authorities);

  // For a new connection of either kind.
  ssl_ctx_st* handle() const { return contexts_.front().get(); }
  // A client's file of authorities; empty: the system's.
  const std::string& authorities() const { return authorities_; }
  // Which files have expired, one line each; empty if none has.
  const std::vector<std::string>& expired() const { return expired_; }

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  using Handle = std::unique_ptr<ssl_ctx_st, FreeContext>;

  static Result<Handle> make(bool is_server);
  static Result<void> use_files(ssl_ctx_st* context, const TlsFiles& files);
  static Result<void> demand_certificate(ssl_ctx_st* context, const std::string& client_authorities);
  static int on_server_name(ssl_st* ssl, int* alert, void* self);

  std::vector<Handle> contexts_;
  std::vector<std::string> expired_;
  std::string authorities_;
};

// OpenSSL's reason for what has just failed on this thread; `otherwise` if it has none.
std::string openssl_reason(std::string_view otherwise);

}  // namespace srs::net
