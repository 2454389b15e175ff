#include "net/tls_certificates.h"

#include <utility>

namespace srs::net {

Result<void> TlsCertificates::open() {
  if (!options_.has_certificates()) return {};
  if (auto loaded = load(); !loaded) return std::move(loaded).error().in("--tls-cert");
  seen_ = read_;
  watch();
  return {};
}

void TlsCertificates::reload() {
  if (auto loaded = load(); !loaded)
    return log_.error("{}; the certificates stay as they were", loaded.error().message);
  log_.info("the certificates of --tls-cert were read again");
}

void TlsCertificates::look() {
  auto now = states();
  const bool is_settled = now == seen_;
  seen_ = std::move(now);
  if (is_settled && seen_ != read_) reload();
}

void TlsCertificates::watch() {
  timer_.expires_after(look_interval);
  timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    look();
    watch();
  });
}

// All or nothing: a certificate goes with its key.
Result<void> TlsCertificates::load() {
  read_ = states();
  auto context = TlsContext::server(options_.files(), {});
  if (!context) return std::move(context).error();
  auto for_operators = context;
  if (!options_.client_authorities.empty()) {
    for_operators = TlsContext::server(options_.files(), options_.client_authorities);
    if (!for_operators) return std::move(for_operators).error();
  }
  for (const std::string& line : (*context)->expired()) log_.warning("{}", line);
  const std::lock_guard lock(mutex_);
  context_ = *std::move(context);
  for_operators_ = *std::move(for_operators);
  return {};
}

std::vector<FileState> TlsCertificates::states() const {
  std::vector<std::string> files = options_.certificates;
  files.insert(files.end(), options_.keys.begin(), options_.keys.end());
  if (!options_.client_authorities.empty()) files.push_back(options_.client_authorities);
  return states_of(files);
}

std::shared_ptr<const TlsContext> TlsCertificates::context(bool for_operators) const {
  const std::lock_guard lock(mutex_);
  return for_operators ? for_operators_ : context_;
}

}  // namespace srs::net
