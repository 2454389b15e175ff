// JwkSet: the keys that tokens are verified with. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/jwk.h"
#include "core/result.h"

namespace srs::access {

struct JwkSet {
  static constexpr std::size_t max_bytes = 256 * 1024, max_keys = 64;

  std::vector<Jwk> keys;
  // What was left out of a JWK Set, and why, for the log: "key \"k1\": an RSA key of 1024 bits; ...".
  std::vector<std::string> left_out;
};

// Whether secrets (kty oct) count. Where the keys of others are published they do not: everybody can read
// them.
enum class Secrets : bool { refused, taken };

// A JWK Set (RFC 7517 section 5). Keys that cannot be used are left out. Errors: what is no JWK Set; more
// than 256 KiB or 64 keys; no key that can be used (with what is wrong with the first).
Result<JwkSet> parse_jwks(std::string_view text, Secrets secrets);

// Public keys and certificates in PEM, one or several; of certificates only the key is looked at. id: of all
// of them, may be empty. Errors: keys that Jwk::from_public_key refuses; private keys, which have no place
// here; nothing that is PEM.
Result<JwkSet> keys_of_pem(std::string_view text, std::string_view id);

}  // namespace srs::access
