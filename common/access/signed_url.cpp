#include "access/signed_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "access/base64url.h"
#include "access/digest.h"
#include "access/unix_time.h"
#include "access/url_scope.h"
#include "net/url.h"

namespace srs::access {
namespace {

constexpr std::size_t max_url_keys = 16, max_key_id_bytes = 64, min_url_secret_bytes = 16;
constexpr std::size_t max_signed_query_bytes = 16 * 1024, max_expiry_digits = 18;

bool is_key_id(std::string_view id) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return id.size() <= max_key_id_bytes && std::all_of(id.begin(), id.end(), is_good);
}

Refusal wrong_url(std::string_view why) {
  return {Refusal::Kind::wrong, fmt::format("the URL's signature: {}", why)};
}

// One text for each number: what is signed has only one form.
std::optional<std::uint64_t> seconds_in(std::string_view text) {
  if (text.empty() || text.size() > max_expiry_digits || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  std::uint64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

// A signature that is right, now.
SignedUrlResult unless_expired(SignedUrl url, UtcTime now) {
  if (now >= url.expires) return Refusal{Refusal::Kind::expired, "the signed URL has expired"};
  return url;
}

// nginx takes the padding, too.
std::string_view without_padding(std::string_view text) {
  if (text.size() == 24 && text.ends_with("==")) text.remove_suffix(2);
  return text;
}

std::string escape_in_query(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (is_key_id({&c, 1}) || c == '/' || c == '*' || c == '~')
      escaped.push_back(c);
    else
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

}  // namespace

// The parameters of both schemes.
struct SignedUrls::Shown {
  struct Parameter {
    std::string_view name;
    std::optional<std::string> value{};
    bool twice = false;
  };
  Parameter exp{"exp"}, acl{"acl"}, kid{"kid"}, addr{"addr"}, sig{"sig"}, md5{"md5"}, expires{"expires"};

  explicit Shown(std::string_view query) {
    for (auto& [name, value] : net::parse_query(query)) {
      for (Parameter* known : {&exp, &acl, &kid, &addr, &sig, &md5, &expires}) {
        if (known->name != name) continue;
        known->twice = known->value.has_value();
        if (!known->twice) known->value = std::move(value);
        break;
      }
    }
  }
  bool own_twice() const { return exp.twice || acl.twice || kid.twice || addr.twice || sig.twice; }
  bool nginx_twice() const { return md5.twice || expires.twice; }
};

struct SignedUrls::Asked {
  std::string_view path;
  std::string address;
  UtcTime now;
};

Result<SignedUrls> SignedUrls::make(UrlRules rules) {
  SignedUrls urls;
  if (rules.keys.size() > max_url_keys) return Error{Errc::usage, "more than 16 keys for signed URLs"};
  for (UrlKey& key : rules.keys) {
    if (!is_key_id(key.id) || (key.id.empty() && rules.keys.size() > 1))
      return Error{Errc::usage,
                   "the id of a key for signed URLs has to be 1 to 64 letters, digits, '.', '_', '-'"};
    for (const Key& other : urls.keys_)
      if (other.key.id == key.id)
        return Error{Errc::usage, fmt::format("two keys have the id \"{}\"", key.id)};
    if (key.secret.size() < min_url_secret_bytes)
      return Error{Errc::usage, fmt::format("the secret of key \"{}\" is shorter than 16 bytes", key.id)};
    const std::uint64_t fingerprint = fingerprint_of(key.secret);
    urls.keys_.push_back({std::move(key), fingerprint});
  }
  if (rules.secure_link) {
    auto link = SecureLink::parse(*rules.secure_link);
    if (!link) return std::move(link).error();
    urls.secure_link_ = *std::move(link);
    urls.literal_fingerprint_ = fingerprint_of(urls.secure_link_->literal());
  }
  if (urls.keys_.empty() && (!urls.secure_link_ || urls.secure_link_->has_secret()))
    return Error{Errc::usage, "there is no key for signed URLs"};
  return urls;
}

std::optional<SignedUrlResult> SignedUrls::verify(std::string_view query, std::string_view url_path,
                                                  const asio::ip::address& address, UtcTime now) const {
  if (query.size() > max_signed_query_bytes) return wrong_url("the query is longer than 16 KiB");
  const Shown shown(query);
  const bool own = shown.sig.value && !keys_.empty(), nginx = shown.md5.value && secure_link_;
  if (!own && !nginx) return std::nullopt;
  if (own && nginx) return wrong_url("there are sig and md5");
  if (!is_url_path(url_path)) return wrong_url("not for such a path");
  const Asked asked{url_path, text_of_address(address), now};
  return own ? verify_own(shown, asked) : verify_secure_link(shown, asked);
}

SignedUrlResult SignedUrls::verify_own(const Shown& shown, const Asked& asked) const {
  if (shown.own_twice()) return wrong_url("a parameter is there twice");
  const auto expires = seconds_in(shown.exp.value.value_or(""));
  if (!expires) return wrong_url("exp is not a number of seconds");
  if (shown.addr.value && *shown.addr.value != "1") return wrong_url("addr is not 1");
  const auto& acl = shown.acl.value;
  if (acl && !is_url_acl(*acl)) return wrong_url("acl is neither a path nor ends with /*");
  if (acl && !acl_covers(*acl, asked.path)) return wrong_url("it is for another path");
  const UrlScope scope{shown.kid.value.value_or(""), *expires, shown.addr.value ? asked.address : "",
                       acl.has_value(), acl ? *acl : std::string(asked.path)};
  if (!is_key_id(scope.key_id)) return wrong_url("kid is no id of a key");
  const std::string canonical = scope.canonical();
  for (const Key& key : keys_) {
    if (!scope.key_id.empty() && key.key.id != scope.key_id) continue;
    const std::string right = hex_of(hmac_of(Digest::sha256, key.key.secret, canonical));
    if (equal_in_constant_time(right, *shown.sig.value))
      return unless_expired({key.key.id, time_of_seconds(static_cast<std::int64_t>(*expires)),
                             key.fingerprint, scope.acl_or_path},
                            asked.now);
  }
  return wrong_url("it is not right");
}

SignedUrlResult SignedUrls::verify_secure_link(const Shown& shown, const Asked& asked) const {
  if (shown.nginx_twice()) return wrong_url("a parameter is there twice");
  const std::string digits = shown.expires.value.value_or("");
  const auto expires = seconds_in(digits);
  if (!expires) return wrong_url("expires is not a number of seconds");
  const auto hash = decode_base64url(without_padding(*shown.md5.value));
  if (!hash) return wrong_url("md5 is not base64url");
  const UtcTime until = time_of_seconds(static_cast<std::int64_t>(*expires));
  SecureLink::Values values{digits, asked.path, asked.address, {}};
  if (!secure_link_->has_secret()) {
    if (!equal_in_constant_time(secure_link_->hash(values), *hash)) return wrong_url("it is not right");
    return unless_expired({{}, until, literal_fingerprint_, {}}, asked.now);
  }
  for (const Key& key : keys_) {
    values.secret = key.key.secret;
    if (equal_in_constant_time(secure_link_->hash(values), *hash))
      return unless_expired({key.key.id, until, key.fingerprint, {}}, asked.now);
  }
  return wrong_url("it is not right");
}

std::string sign_url(const UrlKey& key, const UrlGrant& grant) {
  const bool has_acl = !grant.acl.empty();
  const UrlScope scope{key.id, grant.expires, grant.address ? text_of_address(*grant.address) : "", has_acl,
                       has_acl ? grant.acl : grant.path};
  std::string query = fmt::format("exp={}", grant.expires);
  if (has_acl) query += "&acl=" + escape_in_query(grant.acl);
  if (!key.id.empty()) query += "&kid=" + key.id;
  if (grant.address) query += "&addr=1";
  return query + "&sig=" + hex_of(hmac_of(Digest::sha256, key.secret, scope.canonical()));
}

std::string sign_secure_link(const SecureLink& link, std::string_view secret, std::string_view path,
                             std::uint64_t expires, const asio::ip::address& address) {
  const std::string digits = std::to_string(expires), remote = text_of_address(address);
  return "md5=" + encode_base64url(link.hash({digits, path, remote, secret})) + "&expires=" + digits;
}

bool SignedUrls::has_key(std::uint64_t fingerprint) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Key& key) { return key.fingerprint == fingerprint; }) ||
         (literal_fingerprint_ != 0 && literal_fingerprint_ == fingerprint);
}

}  // namespace srs::access
