// TlsOptions: --tls-cert, --tls-key, --tls-client-ca and --tls-ca, the same for every tool that listens.
#pragma once

#include <string>
#include <vector>

#include "cli/app.h"
#include "core/result.h"
#include "net/tls_context.h"
#include "net/url.h"

namespace srs::net {

struct TlsOptions {
  std::vector<std::string> certificates, keys;  // files, in pairs
  std::string client_authorities;               // file; empty: operators need no certificate
  std::string authorities;                      // file; empty: the system's

  bool has_certificates() const { return !certificates.empty(); }
  std::vector<TlsFiles> files() const;
  // listen: all URLs that players and publishers come to. admin: where operators do; null: nowhere. Checks
  // that what needs a certificate has one, and that nothing is given in vain.
  Result<void> check(const std::vector<Url>& listen, const Url* admin) const;
};

void add_tls_options(CLI::App& app, TlsOptions& options);
// --tls-ca, for tools that do not listen.
void add_tls_authorities_option(CLI::App& app, std::string& authorities);

}  // namespace srs::net
