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
  auto now = fingerprints();
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
  read_ = fingerprints();
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

std::vector<TlsCertificates::Fingerprint> TlsCertificates::fingerprints() const {
  std::vector<Fingerprint> fingerprints;
  const auto add = [&](const std::string& file) {
    struct stat info {};
    Fingerprint& fingerprint = fingerprints.emplace_back();
    if (::stat(file.c_str(), &info) != 0) return;
    fingerprint = {info.st_dev, info.st_ino, info.st_size,
                   std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
  };
  for (const std::string& file : options_.certificates) add(file);
  for (const std::string& file : options_.keys) add(file);
  if (!options_.client_authorities.empty()) add(options_.client_authorities);
  return fingerprints;
}

std::shared_ptr<const TlsContext> TlsCertificates::context(bool for_operators) const {
  const std::lock_guard lock(mutex_);
  return for_operators ? for_operators_ : context_;
}

}  // namespace srs::net
