// JSON Web Tokens (RFC 7519) in the compact form of a JWS (RFC 7515), as RFC 8725 recommends to verify them.
//
// The keys decide how a token is verified (see Jwk); of its header only alg and kid count. kid only chooses
// among the keys that are there, by comparing; jku, jwk, x5u and x5c, by which a token could bring its own
// key, are not looked at, typ and cty neither; crit is refused, as no extension is known here. The claims are
// not even parsed before the signature is right.
//
// ECDSA's signatures can be changed into another right one of the same token: do not take the text of a token
// for its name. Pure functions; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "access/jwk_set.h"
#include "access/permission.h"
#include "access/question.h"

namespace srs::access {

inline constexpr std::size_t max_token_bytes = 8 * 1024;

struct TokenRules {
  std::vector<Algorithm> algorithms;  // empty: all that the keys fit
  std::string issuer;                 // what iss has to be; empty: not looked at
  std::vector<std::string> audience;  // aud has to be or to hold one of these; empty: not looked at
  std::chrono::seconds leeway{30};    // by which clocks may differ, of exp, nbf and iat
  bool needs_expiry = true;           // a token without exp is refused
  std::string permissions_claim;      // its name, at the top; empty: none is read
};

struct TokenClaims {
  std::string subject, issuer;            // as they are in the token; empty if they are not there
  UtcTime expires = never;                // exp and the leeway; what no UtcTime can hold is `never`
  std::string key_id;                     // of the key that verified it; may be empty
  std::uint64_t fingerprint = 0;          // of that key
  std::vector<Permission> permissions{};  // none if the claim is not there: no right at all
};

struct TokenRefusal {
  // wrong; `expired` if all but exp is right; `unavailable` if there are no keys yet.
  Refusal refusal;
  // It names a key that is not there: newer keys may have it.
  bool key_unknown = false;
};
using TokenResult = std::variant<TokenClaims, TokenRefusal>;

// With a kid the keys of that id count, and if there are none those without an id; without a kid all of them,
// but at most 16 that fit the algorithm are tried. exp, nbf and iat are numbers, also with a fraction.
TokenResult verify_token(std::string_view token, const TokenRules& rules, const JwkSet& keys, UtcTime now);

// Whether it has the form of one: three parts, the first of which begins as a JSON object does.
bool looks_like_token(std::string_view text);

}  // namespace srs::access
