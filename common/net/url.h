// Url: an endpoint as named on the command line (RFC 3986, the parts that the tools use).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace srs::net {

struct Url {
  std::string scheme;      // lower case: "rtmp", "http", ...
  std::string user;        // still percent-encoded; empty if none
  std::string password;    // likewise
  std::string host;        // without the brackets of an IPv6 address; empty: every address
  std::uint16_t port = 0;  // the scheme's own port if the URL names none; 0 in a listen URL: any free port
  std::string path;        // with its leading '/', still percent-encoded; may be empty
  std::string query;       // without '?'; may be empty

  // "host:port", IPv6 addresses in brackets.
  std::string authority() const;
  // The whole URL without user and password, for log lines.
  std::string display() const;
  // The whole URL with them.
  std::string text() const;
};

Result<Url> parse_url(std::string_view text);

// "10.0.0.7" of "10.0.0.7:1935", "[::1]" of "[::1]:1935". The view is into the argument.
constexpr std::string_view without_port(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

// Whether only this machine reaches this host: "localhost", 127.0.0.0/8, ::1. An empty host is every address.
bool is_loopback(std::string_view host);

// A scheme's well-known port (1935 for rtmp, 80 for http, ...); 0 if unknown.
std::uint16_t default_port(std::string_view scheme);

// %XX decoded; an error on a broken escape or on %00.
Result<std::string> percent_decode(std::string_view text);

// "a=1&b=2" in order, decoded; broken escapes stay as they are.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
std::optional<std::string> query_value(std::string_view query, std::string_view key);

}  // namespace srs::net
