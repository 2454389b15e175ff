#include "net/tls_options.h"

#include <fmt/format.h>

#include "cli/option_kinds.h"
#include "net/url_display.h"

namespace srs::net {

std::vector<TlsFiles> TlsOptions::files() const {
  std::vector<TlsFiles> files;
  for (std::size_t i = 0; i < certificates.size(); ++i) files.push_back({certificates[i], keys[i]});
  return files;
}

Result<void> TlsOptions::check(const std::vector<Url>& listen, const Url* admin) const {
  if (certificates.size() != keys.size())
    return usage_error(
        fmt::format("--tls-cert is given {} times and --tls-key {} times: give them in pairs (one file for "
                    "both, if it holds both)",
                    certificates.size(), keys.size()));
  const Url* secure = admin != nullptr && is_tls(admin->scheme) ? admin : nullptr;
  if (!client_authorities.empty() && secure == nullptr)
    return usage_error("--tls-client-ca is about operators: it needs --admin https://...");
  for (const Url& url : listen)
    if (is_tls(url.scheme)) secure = &url;
  if (secure != nullptr && !has_certificates())
    return usage_error(
        fmt::format("{} needs a certificate: give --tls-cert FILE --tls-key FILE", display_url(*secure)));
  if (secure == nullptr && has_certificates())
    return usage_error("--tls-cert is of no use without a URL to listen on that is rtmps:// or https://");
  return {};
}

void add_tls_options(CLI::App& app, TlsOptions& options) {
  cli::add_values(
      app, "--tls-cert", options.certificates, "FILE",
      "PEM file with a certificate and its chain, for rtmps:// and https:// (repeatable: the name "
      "that clients ask for decides)");
  cli::add_values(app, "--tls-key", options.keys, "FILE", "PEM file with the key of each --tls-cert");
  cli::add_value(app, "--tls-client-ca", options.client_authorities, "FILE",
                 "With --admin https: serve only clients with a certificate from one of these authorities");
  add_tls_authorities_option(app, options.authorities);
}

void add_tls_authorities_option(CLI::App& app, std::string& authorities) {
  cli::add_value(app, "--tls-ca", authorities, "FILE",
                 "PEM file with the authorities that servers' certificates must come from [default: the "
                 "system's]");
}

}  // namespace srs::net
