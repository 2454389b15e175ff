#include "access/verifiers.h"

#include <algorithm>

#include "cli/log.h"

namespace srs::access {
namespace {

constexpr std::string_view url_section = "signed-urls";

Refusal has_no_right(const std::string& name) {
  return {Refusal::Kind::forbidden, name + " has no right to it"};
}

bool covers_any(const std::vector<Permission>& permissions, const Question& question,
                const asio::ip::address& address, UtcTime now) {
  return std::any_of(permissions.begin(), permissions.end(),
                     [&](const Permission& permission) { return permission.covers(question, address, now); });
}

// What was proven until `expires` gives what the permissions say.
Verdict grant_within(const Question& question, const asio::ip::address& address, UtcTime now,
                     const std::vector<Permission>& allow, const Rules& rules, Grant grant) {
  const auto end = end_of_right(allow, question, address, now);
  if (!end || covers_any(rules.deny, question, address, now)) return has_no_right(grant.identity.name);
  grant.path = question.path;
  grant.expires = std::min(grant.expires, *end);
  return grant;
}

}  // namespace

// A stream of a ladder may be had by the signature of the ladder.
std::optional<Verdict> UrlVerifier::verify(const Question& question, const asio::ip::address& address,
                                           UtcTime now) const {
  const auto check = [&](const std::string& url_path) {
    return urls_.verify(question.credentials.query, url_path, address, now);
  };
  auto checked = check(question.url_path);
  if (!checked) return std::nullopt;
  if (std::holds_alternative<Refusal>(*checked) && !question.group.empty())
    checked = check("/" + question.group + ".m3u8");
  if (const auto* const refusal = std::get_if<Refusal>(&*checked)) return *refusal;
  const SignedUrl& proven = std::get<SignedUrl>(*checked);
  const std::string name = std::string(url_section) + (proven.key_id.empty() ? "" : "." + proven.key_id);
  const Identity identity{Identity::Kind::signed_url, name, proven.fingerprint};
  return grant_within(question, address, now, rules_.allow, rules_, {{}, identity, {}, proven.expires});
}

std::optional<Verdict> UrlVerifier::renew(const Question& question, const asio::ip::address& address,
                                          const Grant& grant, UtcTime now) const {
  if (grant.identity.kind != Identity::Kind::signed_url || !urls_.has_key(grant.identity.fingerprint))
    return std::nullopt;
  return grant_within(question, address, now, rules_.allow, rules_, grant);
}

TokenVerifier::TokenVerifier(std::string name, TokenRules tokens, Rules rules,
                             std::shared_ptr<JwksSource> source, std::shared_ptr<const JwkSet> keys)
    : name_(std::move(name)),
      tokens_(std::move(tokens)),
      rules_(std::move(rules)),
      source_(std::move(source)),
      keys_(std::move(keys)) {}

// Where clients have no room for a token they show it as a key or a password.
std::optional<Verdict> TokenVerifier::verify(const Question& question, const asio::ip::address& address,
                                             UtcTime now) const {
  const Credentials& shown = question.credentials;
  for (const std::string* text : {&shown.token, &shown.key, &shown.password}) {
    if (!looks_like_token(*text)) continue;
    const TokenResult result = verify_token(*text, tokens_, *keys(), now);
    if (const auto* const refusal = std::get_if<TokenRefusal>(&result)) {
      if (refusal->key_unknown && source_) source_->key_unknown();
      return refusal->refusal;
    }
    const auto& claims = std::get<TokenClaims>(result);
    const Identity identity{Identity::Kind::token, name_, claims.fingerprint};
    Grant grant{{}, identity, cli::peer_text(claims.subject), claims.expires};
    if (!tokens_.permissions_claim.empty())
      grant.permissions = std::make_shared<const std::vector<Permission>>(claims.permissions);
    const auto& allow = grant.permissions ? *grant.permissions : rules_.allow;
    return grant_within(question, address, now, allow, rules_, grant);
  }
  return std::nullopt;
}

// Keys that have not come yet end no right.
std::optional<Verdict> TokenVerifier::renew(const Question& question, const asio::ip::address& address,
                                            const Grant& grant, UtcTime now) const {
  if (grant.identity.kind != Identity::Kind::token || grant.identity.name != name_) return std::nullopt;
  const auto known = keys();
  const bool has_key = std::any_of(known->keys.begin(), known->keys.end(), [&](const Jwk& key) {
    return key.fingerprint() == grant.identity.fingerprint;
  });
  if (!has_key && !known->keys.empty()) return std::nullopt;
  return grant_within(question, address, now, grant.permissions ? *grant.permissions : rules_.allow, rules_,
                      grant);
}

}  // namespace srs::access
