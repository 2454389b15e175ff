#include "admin/access_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/ip/address.hpp>

#include "cli/log.h"

namespace srs::admin {
namespace {

// "name", "name.", "192.0.2.7", "[2001:db8::7]", each with or without ":port": without port and brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return end == authority.npos ? std::string_view() : authority.substr(1, end - 1);
  }
  std::string_view host = authority.substr(0, authority.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool is_address(std::string_view host) {
  asio::error_code error;
  asio::ip::make_address(std::string(host), error);
  return !error;
}

}  // namespace

bool AccessRule::is_ours(std::string_view host) const {
  if (host.empty()) return false;
  return is_address(host) || http::equal_without_case(host, "localhost") ||
         http::equal_without_case(host, listening_) ||
         std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& name) { return http::equal_without_case(host, name); });
}

std::string AccessRule::refusal(const http::Request& request) const {
  const bool has_host = !request.authority.empty() || request.headers.find("Host") != nullptr;
  if (has_host && !is_ours(host_of(request.authority)))
    return fmt::format("{}: not a name of this server (see --admin-host)", cli::peer_text(request.authority));
  const std::string* const origin = request.headers.find("Origin");
  if (origin == nullptr) return {};
  const auto scheme_end = origin->find("://");
  const std::string_view site =
      scheme_end == origin->npos ? "" : std::string_view(*origin).substr(scheme_end + 3);
  const auto is_listed = [&](const std::string& name) {
    return http::equal_without_case(host_of(site), name);
  };
  // A proxy may send a Host of its own, while the browser names the site that it shows.
  if (!site.empty() && (http::equal_without_case(site, request.authority) ||
                        std::any_of(names_.begin(), names_.end(), is_listed)))
    return {};
  return fmt::format("web pages of {} may not use this interface", cli::peer_text(*origin));
}

}  // namespace srs::admin
