// Tokens. A line: a token, against one key of each kind. Two lines: a header and claims, which are signed
// here, so that the claims are read, with permissions and their regular expressions. The same token has the
// same result; one that is right has not expired, and is not right any more if a byte of it is another one.
#include "access/jwt.h"

#include "access/base64url.h"
#include "access/digest.h"
#include "access/unix_time.h"
#include "choices.h"
#include "target.h"
#include "unit/access/token_vectors.h"

using namespace srs;
using namespace srs::access;

namespace {

const UtcTime now = time_of_seconds(std::int64_t{1'800'000'000});
const std::string secret = "a secret for the search of bytes";

const JwkSet& keys() {
  static const JwkSet all = [] {
    JwkSet set = parse_jwks(vectors::jwks, Secrets::taken).value();
    set.keys.push_back(Jwk::from_secret(secret).value());
    return set;
  }();
  return all;
}

const TokenClaims* verify(const std::string& token, TokenResult& result) {
  static const TokenRules rules{.permissions_claim = "p"};
  result = verify_token(token, rules, keys(), now);
  return std::get_if<TokenClaims>(&result);
}

void check_claims(const TokenClaims& claims) {
  MUST_HOLD(claims.expires > now && claims.fingerprint != 0);
  MUST_HOLD(claims.permissions.size() <= 64);
  for (const Permission& permission : claims.permissions) {
    MUST_HOLD(permission.actions.any());
    permission.covers_path("live/cam1");
    permission.covers_path(std::string(255, 'a'));
  }
}

void check(const std::string& token) {
  TokenResult result, again;
  const TokenClaims* claims = verify(token, result);
  const TokenClaims* same = verify(token, again);
  MUST_HOLD((claims == nullptr) == (same == nullptr));
  if (claims == nullptr) {
    MUST_HOLD(std::get<TokenRefusal>(result).refusal.kind == std::get<TokenRefusal>(again).refusal.kind);
    return;
  }
  check_claims(*claims);
  MUST_HOLD(claims->subject == same->subject && claims->expires == same->expires);
  MUST_HOLD(looks_like_token(token) || !token.starts_with("eyJ"));
  std::string other = token;
  char& byte = other[other.size() / 2];
  byte = byte == 'A' ? 'B' : 'A';
  MUST_HOLD(verify(other, again) == nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  const auto line = text.find('\n');
  if (line == text.npos) {
    check(std::string(text));
    return 0;
  }
  const std::string signed_text =
      encode_base64url(text.substr(0, line)) + "." + encode_base64url(text.substr(line + 1));
  check(signed_text + "." + encode_base64url(hmac_of(Digest::sha256, secret, signed_text)));
  return 0;
}
