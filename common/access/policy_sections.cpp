#include "access/policy_sections.h"

#include <fmt/format.h>

#include "access/verifiers.h"

namespace srs::access {
namespace {

Result<Algorithm> read_algorithm(std::string_view text) {
  if (const auto algorithm = algorithm_named(text)) return *algorithm;
  return Error{Errc::usage, fmt::format("\"{}\": there are HS256, RS256, PS256, ES256 (384, 512) and EdDSA",
                                        text.substr(0, 32))};
}

// Without permissions of its own a signature is good for playing.
Rules rules_or_play(TomlSection& section) {
  Rules rules = read_rules(section);
  if (rules.allow.empty()) rules.allow.push_back(parse_permission("play").value());
  return rules;
}

std::shared_ptr<const JwkSet> keys_of_secret(TomlSection& section, SecretFiles& secrets) {
  const auto text = secrets.read(section, "secret");
  if (!text) return std::make_shared<JwkSet>();
  auto key = section.take("secret", Jwk::from_secret(*text));
  JwkSet set;
  if (key) set.keys.push_back(*std::move(key));
  return std::make_shared<const JwkSet>(std::move(set));
}

}  // namespace

// [signed-urls]            allow, secure-link-md5
// [signed-urls.keys]       ID = SECRET
std::unique_ptr<Verifier> read_signed_urls(TomlSection& section, SecretFiles& secrets) {
  UrlRules urls;
  Rules rules = rules_or_play(section);
  urls.secure_link = section.text("secure-link-md5");
  section.each(
      "keys", [&](const std::string&) { section.fail("keys", "a table is wanted, as [signed-urls.keys]"); },
      [&](TomlSection& keys) {
        for (const std::string& id : keys.names())
          if (auto secret = secrets.read(keys, id)) urls.keys.push_back({id, *std::move(secret)});
      });
  auto made = section.take("", SignedUrls::make(std::move(urls)));
  if (!made) return nullptr;
  return std::make_unique<UrlVerifier>(*std::move(made), std::move(rules));
}

// keys = URL or FILE, or secret = SECRET; algorithms, issuer, audience, leeway, claim or allow
std::unique_ptr<Verifier> read_tokens(TomlSection& section, SecretFiles& secrets,
                                      const MakeJwksSource& make_source) {
  TokenRules tokens;
  tokens.algorithms = section.all_parsed("algorithms", read_algorithm);
  tokens.issuer = section.text("issuer").value_or("");
  tokens.audience = section.texts("audience");
  if (const auto leeway = section.number("leeway"); leeway && (*leeway < 0 || *leeway > 600))
    section.fail("leeway", "0 to 600 seconds are wanted");
  else if (leeway)
    tokens.leeway = std::chrono::seconds(*leeway);
  Rules rules = read_rules(section);
  const auto claim = section.text("claim");
  if (claim && !rules.allow.empty())
    section.fail("claim", "a token allows what its claim says, or what allow says: give one of them");
  tokens.permissions_claim = claim.value_or(rules.allow.empty() ? "permissions" : "");
  const auto from = section.text("keys");
  std::shared_ptr<JwksSource> source;
  std::shared_ptr<const JwkSet> keys;
  if (from) {
    source = make_source(*from);
    if (from->find("://") == from->npos) {
      secrets.files.push_back(*from);
      section.take("keys", read_keys(*from));  // for its error
    }
  } else {
    keys = keys_of_secret(section, secrets);
  }
  return std::make_unique<TokenVerifier>(section.name(), std::move(tokens), std::move(rules),
                                         std::move(source), std::move(keys));
}

}  // namespace srs::access
