#include "access/policy_sections.h"

#include <fmt/format.h>

#include "access/verifiers.h"
#include "cli/quantities.h"

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

namespace {

constexpr std::chrono::seconds usual_ttl{10};  // a player of HLS asks every few seconds

Result<HookEvent> read_event(std::string_view text) {
  const auto event = hook_event_named(text);
  if (event && *event != HookEvent::record && *event != HookEvent::hls) return *event;
  return Error{Errc::usage,
               fmt::format("\"{}\": there are connect, publish, play, admin, unpublish, stop and close",
                           text.substr(0, 32))};
}

Result<HookRules::Format> read_format(std::string_view text) {
  if (const auto format = hook_format_named(text)) return *format;
  return Error{Errc::usage,
               fmt::format("\"{}\": there are json, srs, mediamtx and nginx-rtmp", text.substr(0, 32))};
}

Result<std::chrono::milliseconds> read_time(std::string_view text) {
  return cli::parse_duration(std::string(text));
}

}  // namespace

// url, format, events, timeout, on-error, ttl, secret, connections, waiting
HookRules read_hook(TomlSection& section, SecretFiles& secrets) {
  HookRules rules;
  rules.name = section.name();
  rules.url = section.text("url").value_or("");
  rules.format = section.parsed("format", read_format).value_or(HookRules::Format::json);
  for (const HookEvent event : section.all_parsed("events", read_event))
    rules.events.set(static_cast<std::size_t>(event));
  rules.timeout = section.parsed("timeout", read_time).value_or(rules.timeout);
  rules.ttl = std::chrono::floor<std::chrono::seconds>(section.parsed("ttl", read_time).value_or(usual_ttl));
  if (const auto on_error = section.text("on-error")) {
    rules.allow_on_error = *on_error == "allow";
    if (*on_error != "allow" && *on_error != "deny") section.fail("on-error", "allow or deny is wanted");
  }
  if (section.text("secret")) rules.secret = secrets.read(section, "secret").value_or("");
  if (const auto number = section.number("connections"))
    rules.connections = static_cast<std::size_t>(*number);
  if (const auto number = section.number("waiting")) rules.waiting_max = static_cast<std::size_t>(*number);
  if (auto checked = check(rules); !checked) section.fail("", checked.error().message);
  return rules;
}

}  // namespace srs::access
