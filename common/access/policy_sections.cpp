#include "access/policy_sections.h"

#include <fmt/format.h>

#include "access/verifiers.h"
#include "cli/quantities.h"

namespace srs::access {
namespace {

Result<std::string> read_protocol(std::string_view text) {
  for (const std::string_view known : {"rtmp", "rtmps", "http-flv", "https-flv", "hls", "https-hls", "admin"})
    if (text == known) return std::string(text);
  return Error{
      Errc::usage,
      fmt::format("\"{}\": there are rtmp, http-flv, hls, admin, and over TLS rtmps, https-flv, https-hls",
                  text.substr(0, 32))};
}

Result<PathPattern> read_pattern(std::string_view text) {
  return PathPattern::parse(text);
}
Result<Network> read_network(std::string_view text) {
  return Network::parse(text);
}
Result<Hours> read_hours(std::string_view text) {
  return Hours::parse(text);
}

// {actions = ["play"], paths = ["live/**"], from = ["10.0.0.0/8"], protocols = ["rtmps"], hours = "Mon-Fri
// 08:00-18:00", until = 2027-01-31T18:00:00Z}
Permission read_permission(TomlSection& section) {
  Permission permission;
  const auto actions = section.texts("actions");
  if (actions.empty()) section.fail("", "actions are missing, as actions = [\"play\"]");
  for (const std::string& name : actions)
    if (const auto read = section.take("actions", parse_permission(name)))
      permission.actions |= read->actions;
  permission.paths = section.all_parsed("paths", read_pattern);
  permission.networks = section.all_parsed("from", read_network);
  permission.protocols = section.all_parsed("protocols", read_protocol);
  permission.hours = section.parsed("hours", read_hours);
  permission.until = section.time("until").value_or(never);
  return permission;
}

std::vector<Permission> read_permissions(TomlSection& section, std::string_view key) {
  std::vector<Permission> all;
  section.each(
      key,
      [&](const std::string& text) {
        if (auto read = section.take(key, parse_permission(text))) all.push_back(*std::move(read));
      },
      [&](TomlSection& table) { all.push_back(read_permission(table)); });
  return all;
}

}  // namespace

// from and until of the section are conditions of all that it allows.
Rules read_rules(TomlSection& section) {
  Rules rules{read_permissions(section, "allow"), read_permissions(section, "deny")};
  const auto networks = section.all_parsed("from", read_network);
  const auto until = section.time("until");
  for (Permission& permission : rules.allow) {
    if (permission.networks.empty()) permission.networks = networks;
    if (until) permission.until = std::min(permission.until, *until);
  }
  return rules;
}

std::optional<std::string> SecretFiles::read(TomlSection& section, std::string_view key) {
  const auto written = section.text(key);
  if (!written) {
    section.fail("", fmt::format("{} is missing", key));
    return std::nullopt;
  }
  if (const auto file = file_of_secret(*written); !file.empty()) files.emplace_back(file);
  return section.take(key, read_secret(*written));
}

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
    source = section.take("keys", make_source(*from)).value_or(nullptr);
    if (!JwksSource::is_url(*from)) secrets.files.push_back(*from);
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
