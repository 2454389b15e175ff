#include "access/url_scope.h"

#include <fmt/format.h>

#include <algorithm>

namespace srs::access {
namespace {

constexpr std::size_t max_scope_bytes = 1024;

bool has_dot_component(std::string_view path) {
  for (std::size_t slash = 0; slash != path.npos; slash = path.find('/', slash + 1)) {
    const std::string_view rest = path.substr(slash + 1), component = rest.substr(0, rest.find('/'));
    if (component == "." || component == "..") return true;
  }
  return false;
}

}  // namespace

bool is_url_path(std::string_view text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  return text.starts_with('/') && text.size() <= max_scope_bytes &&
         std::none_of(text.begin(), text.end(), is_control) && !has_dot_component(text);
}

bool is_url_acl(std::string_view text) {
  const auto star = text.find('*');
  return is_url_path(text) && (star == text.npos || (star + 1 == text.size() && text[star - 1] == '/'));
}

bool acl_covers(std::string_view acl, std::string_view path) {
  if (!acl.ends_with("/*")) return acl == path;
  if (path.starts_with(acl.substr(0, acl.size() - 1))) return true;
  const std::string_view stream = acl.substr(0, acl.size() - 2);
  if (stream.empty() || !path.starts_with(stream)) return false;
  const std::string_view rest = path.substr(stream.size());
  return rest.empty() || rest == ".m3u8" || rest == ".flv";
}

std::string UrlScope::canonical() const {
  return fmt::format("srs-url-1\nkid:{}\nexp:{}\naddr:{}\n{}:{}", key_id, expires, address,
                     has_acl ? "acl" : "path", acl_or_path);
}

std::string text_of_address(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  return asio::ip::address_v6(v6.to_bytes()).to_string();
}

}  // namespace srs::access
