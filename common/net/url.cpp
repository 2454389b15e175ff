#include "net/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <cctype>
#include <charconv>

namespace srs::net {
namespace {

// Errors end up in logs, where passwords and keys must not be.
std::string without_credentials(std::string_view text) {
  const auto scheme_end = text.find("://");
  const std::size_t start = scheme_end == text.npos ? 0 : scheme_end + 3;
  const std::string_view authority = text.substr(start, text.find_first_of("/?#", start) - start);
  const auto at = authority.rfind('@');
  std::string shown(text.substr(0, start));
  shown.append(text.substr(at == authority.npos ? start : start + at + 1));
  const auto mark = shown.find('?', start);
  return mark == shown.npos ? shown : shown.substr(0, mark) + "?***";
}

Error bad_url(std::string_view text, std::string_view why) {
  return {Errc::usage,
          fmt::format("'{}' is not a URL the tools understand: {}", without_credentials(text), why)};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port > 65535)
    return Error{Errc::usage, fmt::format("'{}' is not a port number (0 to 65535)", text)};
  return static_cast<std::uint16_t>(port);
}

// "[::1]:80", "host:80", ":80", "host"
Result<void> parse_authority(std::string_view text, Url& url) {
  if (const auto at = text.rfind('@'); at != text.npos) {
    const std::string_view user = text.substr(0, at);
    const auto colon = user.find(':');
    url.user = user.substr(0, colon);
    if (colon != user.npos) url.password = user.substr(colon + 1);
    text.remove_prefix(at + 1);
  }
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == text.npos) return Error{Errc::usage, "'[' without ']'"};
    url.host = text.substr(1, bracket - 1);
    host_end = bracket + 1;
  } else {
    url.host = text.substr(0, host_end);
  }
  if (url.host.find_first_of("[]") != url.host.npos) return Error{Errc::usage, "the host is malformed"};
  if (host_end >= text.size()) return {};
  if (text[host_end] != ':') return Error{Errc::usage, "the host is malformed"};
  auto port = parse_port(text.substr(host_end + 1));
  if (!port) return std::move(port).error();
  url.port = *port;
  return {};
}

}  // namespace

std::string Url::authority() const {
  return host.find(':') != host.npos ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Url::text() const {
  if (user.empty() && password.empty()) return display();
  const std::string shown = display();
  const std::size_t start = scheme.size() + std::string_view("://").size();
  return fmt::format("{}{}{}{}@{}", shown.substr(0, start), user, password.empty() ? "" : ":", password,
                     shown.substr(start));
}

std::string Url::display() const {
  std::string text = fmt::format("{}://{}{}", scheme, authority(), path);
  if (!query.empty()) text += "?" + query;
  return text;
}

std::uint16_t default_port(std::string_view scheme) {
  static constexpr std::pair<std::string_view, std::uint16_t> ports[] = {
      {"rtmp", 1935}, {"rtmps", 443}, {"http", 80},   {"https", 443},
      {"rtsp", 554},  {"rtsps", 322}, {"redis", 6379}};
  for (const auto& [name, port] : ports)
    if (name == scheme) return port;
  return 0;
}

Result<Url> parse_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
    return bad_url(text, "it holds white space or control characters");
  const auto scheme_end = text.find("://");
  if (scheme_end == text.npos || scheme_end == 0)
    return bad_url(text, "it has no scheme (rtmp://, http://, ...)");
  Url url;
  url.scheme = text.substr(0, scheme_end);
  std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  url.port = default_port(url.scheme);
  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  if (const auto mark = rest.find('?'); mark != rest.npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  const auto slash = rest.find('/');
  if (slash != rest.npos) url.path = rest.substr(slash);
  auto parsed = parse_authority(rest.substr(0, slash), url);
  if (!parsed) return bad_url(text, parsed.error().message);
  return url;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return Error{Errc::invalid_data, "a broken %-escape"};
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  asio::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  const auto decoded = [](std::string_view text) {
    auto result = percent_decode(text);
    return result ? *std::move(result) : std::string(text);
  };
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty())
      pairs.emplace_back(decoded(pair.substr(0, equals)),
                         equals == pair.npos ? std::string() : decoded(pair.substr(equals + 1)));
    query = end == query.npos ? std::string_view() : query.substr(end + 1);
  }
  return pairs;
}

std::optional<std::string> query_value(std::string_view query, std::string_view key) {
  for (auto& [name, value] : parse_query(query))
    if (name == key) return std::move(value);
  return std::nullopt;
}

}  // namespace srs::net
