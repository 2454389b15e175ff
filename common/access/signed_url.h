// SignedUrls: URLs that carry their own permission, for a path and for a time.
//
// Our own scheme, parameters of the query:
//
//     exp=1764000000          seconds since 1970; from then on it is refused
//     acl=/live/cam1/*        what it is for (see UrlScope); without it, for exactly the URL's path
//     kid=k1                  which key; without it, every key is tried
//     addr=1                  only for the address that was signed with it
//     sig=<64 hex digits>     HMAC-SHA256 of UrlScope::canonical(), lower case
//
// And nginx's secure_link_md5, if the rules have its template: md5=<base64url>&expires=<seconds since 1970>.
// MD5 over a secret at the end is what nginx has; new links should be of our own scheme.
//
// Players carry the query into every URI of a playlist: one signature of a stream is good for its segments.
// A signature says nothing about actions: the rule that has the keys does. A value; any thread.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "access/question.h"
#include "access/secure_link.h"
#include "core/result.h"

namespace srs::access {

struct UrlKey {
  std::string id;      // letters, digits, '.', '_', '-', at most 64; may be empty if it is the only key
  std::string secret;  // at least 16 bytes; 32 random ones are good
};

struct UrlRules {
  std::vector<UrlKey> keys;                // at most 16
  std::optional<std::string> secure_link;  // nginx's template: see SecureLink; none: md5= is no signature
};

struct SignedUrl {
  std::string key_id;             // of the key that proved it; empty for a secret within the template
  UtcTime expires = never;        // what no UtcTime can hold is `never`
  std::uint64_t fingerprint = 0;  // of the secret
  std::string scope;              // the ACL or the path that was signed; empty for secure_link
};
using SignedUrlResult = std::variant<SignedUrl, Refusal>;

class SignedUrls {
 public:
  // Errors: no key, two with one id, secrets that are too short, a template that SecureLink refuses.
  static Result<SignedUrls> make(UrlRules rules);

  // query: as it was sent, without '?'; one of more than 16 KiB is refused. url_path: decoded. Nothing if the
  // query carries no signature. A Refusal is `wrong` (also if a parameter of the scheme is there twice, both
  // schemes are there, exp is not 1 to 18 digits without leading zeros) or, if the signature is right,
  // `expired`.
  std::optional<SignedUrlResult> verify(std::string_view query, std::string_view url_path,
                                        const asio::ip::address& address, UtcTime now) const;
  // Whether a key of this fingerprint is among them.
  bool has_key(std::uint64_t fingerprint) const;

 private:
  struct Key {
    UrlKey key;
    std::uint64_t fingerprint = 0;
  };
  struct Shown;
  struct Asked;
  SignedUrlResult verify_own(const Shown& shown, const Asked& asked) const;
  SignedUrlResult verify_secure_link(const Shown& shown, const Asked& asked) const;

  std::vector<Key> keys_;
  std::optional<SecureLink> secure_link_;
  std::uint64_t literal_fingerprint_ = 0;
};

// What to sign with our own scheme.
struct UrlGrant {
  std::string path;                          // decoded; for exactly this one
  std::string acl;                           // if not empty, instead of the path
  std::uint64_t expires = 0;                 // seconds since 1970
  std::optional<asio::ip::address> address;  // bound to it
};
// The parameters, "exp=...&sig=...", with kid if the key has an id.
std::string sign_url(const UrlKey& key, const UrlGrant& grant);

// "md5=...&expires=..."
std::string sign_secure_link(const SecureLink& link, std::string_view secret, std::string_view path,
                             std::uint64_t expires, const asio::ip::address& address);

}  // namespace srs::access
