#include "access/jwt.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "access/base64url.h"
#include "access/bounded_json.h"
#include "access/token_permissions.h"
#include "access/unix_time.h"

namespace srs::access {
namespace {

using nlohmann::json;

constexpr std::size_t max_keys_tried = 16;

TokenRefusal wrong_token(std::string_view why, bool key_unknown = false) {
  return {{Refusal::Kind::wrong, std::string("token: ").append(why)}, key_unknown};
}

// header.payload.signature (RFC 7515 section 7.1), views into the token.
struct TokenParts {
  std::string_view header, payload, signature;
  std::string_view signed_text;  // the first two, with the dot
};

std::optional<TokenParts> parts_of(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == token.npos ? first : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  return TokenParts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1), token.substr(0, second)};
}

Result<json> object_in(std::string_view part) {
  const auto text = decode_base64url(part);
  if (!text) return Error{Errc::invalid_data, "it is not base64url"};
  auto document = parse_json(*text, {.bytes = max_token_bytes});
  if (document && !document->is_object()) return Error{Errc::invalid_data, "it is no JSON object"};
  return document;
}

struct TokenHeader {
  Algorithm algorithm{};
  std::optional<std::string> key_id;
};

std::variant<TokenHeader, TokenRefusal> read_header(std::string_view part, const TokenRules& rules) {
  const auto header = object_in(part);
  if (!header) return wrong_token("its header: " + header.error().message);
  if (header->contains("crit")) return wrong_token("it wants an extension that is not known here (crit)");
  const std::string* name = text_in(*header, "alg");
  const auto algorithm = name != nullptr ? algorithm_named(*name) : std::nullopt;
  if (!algorithm) return wrong_token("its algorithm is not known here, or none");
  const auto& allowed = rules.algorithms;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), *algorithm) == allowed.end())
    return wrong_token("its algorithm is not allowed by the rules");
  TokenHeader read{*algorithm, {}};
  if (!header->contains("kid")) return read;
  const std::string* id = text_in(*header, "kid");
  if (id == nullptr || id->size() > Jwk::max_id_bytes)
    return wrong_token("its kid is no text of at most 256 bytes");
  read.key_id = *id;
  return read;
}

// The keys that may have signed it.
std::vector<const Jwk*> candidates(const TokenHeader& header, const JwkSet& set) {
  const auto with_id = [&](std::string_view id) {
    std::vector<const Jwk*> found;
    for (const Jwk& key : set.keys)
      if (key.id() == id) found.push_back(&key);
    return found;
  };
  std::vector<const Jwk*> found;
  if (header.key_id) {
    found = with_id(*header.key_id);
    return found.empty() ? with_id("") : found;
  }
  for (const Jwk& key : set.keys) found.push_back(&key);
  return found;
}

std::variant<const Jwk*, TokenRefusal> verifying_key(const TokenHeader& header, const TokenParts& parts,
                                                     const JwkSet& set) {
  const auto signature = decode_base64url(parts.signature);
  if (!signature) return wrong_token("its signature is not base64url");
  std::vector<const Jwk*> keys = candidates(header, set);
  if (keys.empty()) return wrong_token("no key has its kid", true);
  std::erase_if(keys, [&](const Jwk* key) { return !key->fits(header.algorithm); });
  if (keys.empty()) return wrong_token("its algorithm is not that of the key");
  if (keys.size() > max_keys_tried) keys.resize(max_keys_tried);
  for (const Jwk* key : keys)
    if (key->verify(header.algorithm, parts.signed_text, *signature)) return key;
  // A newer one may be meant, unless it names one that is there.
  return wrong_token("its signature is not right", header.key_id != keys.front()->id());
}

// NumericDate (RFC 7519 section 2).
std::optional<UtcTime> time_in(const json& value) {
  if (const auto* seconds = value.get_ptr<const json::number_unsigned_t*>())
    return time_of_seconds(static_cast<std::int64_t>(std::min<std::uint64_t>(*seconds, INT64_MAX)));
  if (const auto* seconds = value.get_ptr<const json::number_integer_t*>())
    return time_of_seconds(std::int64_t{*seconds});
  if (const auto* seconds = value.get_ptr<const json::number_float_t*>())
    return time_of_seconds(double{*seconds});
  return std::nullopt;
}

struct TokenTimes {
  std::optional<UtcTime> exp, nbf, iat;
};

// Why they are wrong, or nothing.
std::optional<std::string_view> read_times(const json& claims, TokenTimes& times) {
  const std::array<std::pair<const char*, std::optional<UtcTime>*>, 3> members{
      {{"exp", &times.exp}, {"nbf", &times.nbf}, {"iat", &times.iat}}};
  for (const auto& [name, time] : members) {
    const auto value = claims.find(name);
    if (value == claims.end()) continue;
    *time = time_in(*value);
    if (!*time) return "exp, nbf or iat is no number";
  }
  return std::nullopt;
}

bool is_for_one_of(const json& claims, const std::vector<std::string>& audience) {
  const auto aud = claims.find("aud");
  if (aud == claims.end()) return false;
  const auto is_ours = [&](const json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr && std::find(audience.begin(), audience.end(), *text) != audience.end();
  };
  return aud->is_array() ? std::any_of(aud->begin(), aud->end(), is_ours) : is_ours(*aud);
}

// iss and sub are texts, or not there.
std::optional<std::string_view> read_names(const json& claims, const TokenRules& rules, TokenClaims& read) {
  for (const auto& [name, text] : {std::pair{"iss", &read.issuer}, std::pair{"sub", &read.subject}}) {
    if (!claims.contains(name)) continue;
    const std::string* value = text_in(claims, name);
    if (value == nullptr) return "iss or sub is no text";
    *text = *value;
  }
  if (!rules.issuer.empty() && read.issuer != rules.issuer) return "it is of another issuer (iss)";
  if (!rules.audience.empty() && !is_for_one_of(claims, rules.audience)) return "it is for others (aud)";
  return std::nullopt;
}

TokenResult read_claims(const json& claims, const TokenRules& rules, UtcTime now) {
  TokenClaims read;
  TokenTimes times;
  if (const auto why = read_names(claims, rules, read)) return wrong_token(*why);
  if (const auto why = read_times(claims, times)) return wrong_token(*why);
  if (!times.exp && rules.needs_expiry) return wrong_token("it never expires (exp)");
  const UtcTime latest = shifted(now, rules.leeway);
  if (times.nbf && *times.nbf > latest) return wrong_token("it is not good yet (nbf)");
  if (times.iat && *times.iat > latest) return wrong_token("it was made in the future (iat)");
  if (!rules.permissions_claim.empty() && claims.contains(rules.permissions_claim)) {
    auto permissions = permissions_in(claims.at(rules.permissions_claim));
    if (!permissions) return wrong_token("its permissions: " + permissions.error().message);
    read.permissions = *std::move(permissions);
  }
  if (times.exp) read.expires = shifted(*times.exp, rules.leeway);
  if (now >= read.expires) return TokenRefusal{{Refusal::Kind::expired, "token: it has expired"}};
  return read;
}

}  // namespace

TokenResult verify_token(std::string_view token, const TokenRules& rules, const JwkSet& keys, UtcTime now) {
  if (token.size() > max_token_bytes) return wrong_token("it is longer than 8 KiB");
  const auto parts = parts_of(token);
  if (!parts) return wrong_token("it is no JWT: three parts are wanted");
  auto header = read_header(parts->header, rules);
  if (auto* refused = std::get_if<TokenRefusal>(&header)) return std::move(*refused);
  if (keys.keys.empty())
    return TokenRefusal{{Refusal::Kind::unavailable, "token: there are no keys to verify it"}, true};
  auto key = verifying_key(std::get<TokenHeader>(header), *parts, keys);
  if (auto* refused = std::get_if<TokenRefusal>(&key)) return std::move(*refused);
  const auto claims = object_in(parts->payload);
  if (!claims) return wrong_token("its claims: " + claims.error().message);
  auto result = read_claims(*claims, rules, now);
  if (auto* read = std::get_if<TokenClaims>(&result)) {
    read->key_id = std::get<const Jwk*>(key)->id();
    read->fingerprint = std::get<const Jwk*>(key)->fingerprint();
  }
  return result;
}

bool looks_like_token(std::string_view text) {
  return text.starts_with("eyJ") && parts_of(text).has_value();
}

}  // namespace srs::access
