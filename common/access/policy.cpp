#include "access/policy.h"

#include <algorithm>
#include <array>

namespace srs::access {

// What every rule is compared with.
struct Policy::Facts {
  Facts(const Question& of, UtcTime at) : question(of), address(address_of(of.address)), now(at) {}

  const Question& question;
  const asio::ip::address address;
  const UtcTime now;
};

void Policy::index_keys() {
  for (const auto& [name, key] : keys) {
    names_of_keys_[key.digest] = name;
    if (!key.path.empty()) keys_by_name_[key.digest] = name;
  }
}

namespace {

Refusal refused(Refusal::Kind kind, std::string why) {
  return Refusal{kind, std::move(why)};
}

// The more is known about a peer, the more its refusal says.
bool says_more(const Refusal& a, const Refusal& b) {
  const auto weight = [](Refusal::Kind kind) {
    switch (kind) {
      case Refusal::Kind::forbidden:
        return 3;
      case Refusal::Kind::expired:
        return 2;
      case Refusal::Kind::wrong:
        return 1;
      default:
        return 0;
    }
  };
  return weight(a.kind) > weight(b.kind);
}

}  // namespace

bool Policy::is_denied(const Facts& facts, const Rules& rules) const {
  return std::any_of(rules.deny.begin(), rules.deny.end(), [&](const Permission& permission) {
    return permission.covers(facts.question, facts.address, facts.now);
  });
}

Verdict Policy::decide_rules(const Facts& facts, const Rules& rules, Grant grant) const {
  const auto end = end_of_right(rules.allow, facts.question, facts.address, facts.now);
  if (!end || is_denied(facts, rules))
    return refused(Refusal::Kind::forbidden, grant.identity.name + " has no right to it");
  grant.path = facts.question.path;
  grant.expires = *end;
  return grant;
}

std::optional<Verdict> Policy::decide_key(const Facts& facts, const std::string& name, const Key& key,
                                          const std::string& path) const {
  Question named = facts.question;
  named.path = path;
  if (is_denied(Facts(named, facts.now), anyone))
    return refused(Refusal::Kind::forbidden, "denied to everybody");
  const Identity identity{Identity::Kind::key, "keys." + name, fingerprint_of(key.digest)};
  return decide_rules(Facts(named, facts.now), key.rules, {path, identity, name, never});
}

// A key may stand in a parameter, or where a client has room for a token or a password; as OBS's stream key
// it may be the last component of the name.
std::optional<Verdict> Policy::decide_keys(const Facts& facts) const {
  const Credentials& shown = facts.question.credentials;
  const std::string& path = facts.question.path;
  std::optional<Verdict> verdict;
  for (const std::string* text : {&shown.key, &shown.token, &shown.password}) {
    if (text->empty()) continue;
    const auto found = names_of_keys_.find(digest_of(Digest::sha256, *text));
    if (found == names_of_keys_.end()) continue;
    verdict = decide_key(facts, found->second, keys.at(found->second), path);
    if (*verdict) return verdict;
  }
  if (keys_by_name_.empty() || path.empty()) return verdict;
  for (const std::string& text : {path, path.substr(path.rfind('/') + 1)}) {
    const auto found = keys_by_name_.find(digest_of(Digest::sha256, text));
    if (found == keys_by_name_.end()) continue;
    const Key& key = keys.at(found->second);
    return decide_key(facts, found->second, key, key.path);
  }
  return verdict;
}

Policy::Decision Policy::decide(const Question& question, UtcTime now) const {
  const Facts facts(question, now);
  if (is_denied(facts, anyone)) return {refused(Refusal::Kind::forbidden, "denied to everybody")};
  const Credentials& shown = question.credentials;
  std::optional<Refusal> refusal;
  const auto allows = [&](const std::optional<Verdict>& verdict) {
    if (verdict && !*verdict && (!refusal || says_more(verdict->refusal, *refusal)))
      refusal = verdict->refusal;
    return verdict && *verdict;
  };
  if (const auto verdict = decide_keys(facts); allows(verdict)) return {verdict};
  for (const auto& verifier : verifiers)
    if (const auto verdict = verifier->verify(question, facts.address, now); allows(verdict))
      return {verdict};
  const Identity nobody{Identity::Kind::anyone, "anyone", 0};
  if (const Verdict verdict = decide_rules(facts, anyone, {{}, nobody, {}, never})) return {verdict};
  if (const auto user = users.find(shown.user); user != users.end() && !shown.password.empty())
    return {std::nullopt, &user->second};
  if (refusal) return {*refusal};
  if (shown.any()) return {refused(Refusal::Kind::wrong, "nobody has this key, password or token")};
  return {refused(Refusal::Kind::unknown, "it shows no key, password or token")};
}

Verdict Policy::decide_user(const Question& question, const User& user, UtcTime now) const {
  const std::string& name = question.credentials.user;
  const Identity identity{Identity::Kind::user, "users." + name, fingerprint_of(user.hash)};
  return decide_rules(Facts(question, now), user.rules, {{}, identity, name, never});
}

Verdict Policy::decide_again(const Question& question, const Grant& grant, UtcTime now) const {
  const Facts facts(question, now);
  const auto gone = [] {
    return refused(Refusal::Kind::forbidden, "the rules do not know its right any more");
  };
  if (is_denied(facts, anyone)) return refused(Refusal::Kind::forbidden, "denied to everybody");
  const auto name = grant.identity.name.substr(grant.identity.name.find('.') + 1);
  switch (grant.identity.kind) {
    case Identity::Kind::anyone:
      return decide_rules(facts, anyone, grant);
    case Identity::Kind::user: {
      const auto user = users.find(name);
      const bool same =
          user != users.end() && fingerprint_of(user->second.hash) == grant.identity.fingerprint;
      return same ? decide_rules(facts, user->second.rules, grant) : Verdict(gone());
    }
    case Identity::Kind::key: {
      const auto key = keys.find(name);
      const bool same = key != keys.end() && fingerprint_of(key->second.digest) == grant.identity.fingerprint;
      return same ? decide_rules(facts, key->second.rules, grant) : Verdict(gone());
    }
    case Identity::Kind::signed_url:
    case Identity::Kind::token:
      if (now >= grant.expires) return refused(Refusal::Kind::expired, "its right has ended");
      for (const auto& verifier : verifiers)
        if (const auto renewed = verifier->renew(question, facts.address, grant, now)) return *renewed;
      return gone();
    case Identity::Kind::no_rules:  // there are rules now
      return decide_rules(facts, anyone, {{}, {Identity::Kind::anyone, "anyone", 0}, {}, never});
    case Identity::Kind::hook:  // to be asked again
      break;
  }
  if (now >= grant.expires) return refused(Refusal::Kind::expired, "its right has ended");
  return grant;
}

}  // namespace srs::access
