#include "access/credentials.h"

#include <algorithm>
#include <array>

#include "access/base64url.h"
#include "net/url.h"

namespace srs::access {
namespace {

constexpr std::size_t max_text_bytes = 8 * 1024, max_carried_bytes = 4 * 1024;

// Also the names that signatures have: see signed_url.h.
constexpr std::array<std::string_view, 15> shown_names{
    "key", "token", "jwt", "access_token", "user", "pass", "username", "password",
    "exp", "acl",   "kid", "addr",         "sig",  "md5",  "expires"};

void set_first(std::string& target, std::string_view value) {
  if (target.empty() && value.size() <= max_text_bytes) target = value;
}

// "Basic dXNlcjpwYXNz": what stands behind the scheme; empty: it is another one.
std::string_view behind_scheme(std::string_view field, std::string_view scheme) {
  if (field.size() <= scheme.size() || !http::equal_without_case(field.substr(0, scheme.size()), scheme))
    return {};
  if (field[scheme.size()] != ' ') return {};
  field.remove_prefix(std::min(field.find_first_not_of(' ', scheme.size()), field.size()));
  return field;
}

// Base64 (RFC 4648, section 4); empty if it is not.
std::string base64_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.find_first_of("-_") != text.npos) return {};
  std::string other(text);
  std::replace(other.begin(), other.end(), '+', '-');
  std::replace(other.begin(), other.end(), '/', '_');
  return decode_base64url(other).value_or("");
}

void read_basic(std::string_view encoded, Credentials& credentials) {
  if (encoded.size() > max_text_bytes) return;
  const std::string pair = base64_decoded(encoded);
  const auto colon = pair.find(':');
  if (colon == pair.npos) return;
  credentials.user = pair.substr(0, colon);
  credentials.password = pair.substr(colon + 1);
}

// The value of one cookie (RFC 6265, section 4.2.1).
std::string_view cookie(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const auto end = field.find(';');
    std::string_view pair = field.substr(0, end);
    field.remove_prefix(end == field.npos ? field.size() : end + 1);
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

bool may_stand_in_query(unsigned char c) {
  constexpr std::string_view others = "-._~!$'()*+,;=:@/?%";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         others.find(static_cast<char>(c)) != others.npos;
}

bool shows_something(std::string_view pair) {
  const auto name = pair.substr(0, pair.find('='));
  return std::find(shown_names.begin(), shown_names.end(), name) != shown_names.end();
}

// Those of the parameters that are wanted.
template <class Wanted>
std::string chosen(std::string_view query, Wanted is_wanted) {
  std::string all;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
    if (!is_wanted(pair)) continue;
    if (!all.empty()) all += '&';
    all += pair;
  }
  return all;
}

}  // namespace

Credentials credentials_of_query(std::string_view query) {
  Credentials credentials;
  credentials.query = query;
  for (const auto& [name, value] : net::parse_query(query)) {
    if (name == "key") set_first(credentials.key, value);
    if (name == "token" || name == "jwt" || name == "access_token") set_first(credentials.token, value);
    if (name == "user" || name == "username") set_first(credentials.user, value);
    if (name == "pass" || name == "password") set_first(credentials.password, value);
  }
  return credentials;
}

Credentials credentials_of(const http::Request& request) {
  Credentials credentials = credentials_of_query(request.query);
  const std::string_view field = request.headers.value("Authorization");
  if (const auto basic = behind_scheme(field, "Basic"); !basic.empty()) read_basic(basic, credentials);
  if (const auto bearer = behind_scheme(field, "Bearer"); !bearer.empty()) {
    credentials.token.clear();
    set_first(credentials.token, bearer);
  }
  set_first(credentials.token, cookie(request.headers.value("Cookie"), "srs_token"));
  return credentials;
}

std::string carried_query(std::string_view query) {
  std::string carried = chosen(query, [](std::string_view pair) {
    return shows_something(pair) && std::all_of(pair.begin(), pair.end(), may_stand_in_query);
  });
  return carried.size() <= max_carried_bytes ? carried : std::string();
}

std::string query_without_shown(std::string_view query) {
  return chosen(query, [](std::string_view pair) { return !shows_something(pair); });
}

}  // namespace srs::access
