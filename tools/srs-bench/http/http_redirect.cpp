#include "srs-bench/http/http_redirect.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/log.h"
#include "http/request.h"
#include "net/url_display.h"
#include "srs-bench/http/field_value.h"
#include "srs-bench/http/reference.h"

namespace srs::bench {
namespace {

constexpr std::size_t max_field_bytes = 2048;

// RFC 3986 section 5.2, but without removing dot segments: a path is requested as written.
std::string absolute(const net::Url& from, std::string_view reference) {
  if (is_absolute(reference)) return std::string(reference);
  if (reference.starts_with("//")) return fmt::format("{}:{}", from.scheme, reference);
  return fmt::format("{}://{}{}", from.scheme, from.authority(), resolve_path(from.path, reference));
}

}  // namespace

std::string http_field(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find("\r\n"), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == line.npos || !http::equal_without_case(line.substr(0, colon), name)) continue;
    const std::string_view value = trimmed(line.substr(colon + 1));
    return value.size() <= max_field_bytes ? std::string(value) : std::string();
  }
  return {};
}

Result<net::Url> redirected(const net::Url& from, const std::string& reference) {
  const std::string target = absolute(from, std::string_view(reference).substr(0, reference.find('#')));
  auto url = net::parse_url(target);
  const std::string shown = cli::peer_text(net::display_url(target));
  if (!url || url->host.empty())
    return Error{Errc::refused, fmt::format("sent to '{}', which is no URL", shown)};
  if (url->scheme != from.scheme)
    return Error{Errc::refused, fmt::format("sent to {}, which srs-bench does not follow", shown)};
  return url;
}

Result<Address> ServerAddresses::of(const net::Url& url) {
  const std::lock_guard lock(mutex_);
  const std::string authority = url.authority();
  if (const auto known = known_.find(authority); known != known_.end()) return known->second;
  if (known_.size() >= servers_max)
    return Error{Errc::refused, fmt::format("sent to more than {} servers", servers_max)};
  return known_.emplace(authority, resolve(url)).first->second;
}

}  // namespace srs::bench
