#include "access/verifiers.h"

#include <doctest/doctest.h>

#include "access/base64url.h"
#include "access/digest.h"
#include "access/policy_file.h"

namespace srs::access {
namespace {

using namespace std::chrono_literals;
using Kind = Refusal::Kind;

constexpr const char* rules = R"(
[signed-urls]
allow = ["play live/**"]
[signed-urls.keys]
k1 = "0123456789abcdef0123456789abcdef"
k2 = "fedcba9876543210fedcba9876543210"

[tokens.site]
secret = "a-secret-of-thirty-two-characters"
issuer = "site"

[tokens.fixed]
secret = "b-secret-of-thirty-two-characters"
allow = ["play vod/**"]
)";

const UtcTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 9h;
constexpr std::uint64_t in_an_hour = 1796032800;  // 10:00 of that day

// As the gate's, but that it keeps no source.
Result<std::shared_ptr<JwksSource>> no_source(const std::string& from) {
  if (JwksSource::is_url(from)) return std::shared_ptr<JwksSource>();
  if (auto read = read_keys(from); !read) return std::move(read).error();
  return std::shared_ptr<JwksSource>();
}

Result<PolicyFile> parse(const std::string& text) {
  return parse_policy(text, "a.toml", no_source);
}

Question question(Action action, std::string path, std::string query) {
  Question asked{.action = action, .protocol = "hls", .path = path, .url_path = "/" + path + ".m3u8"};
  asked.address = "10.0.0.7:1";
  asked.credentials.query = std::move(query);
  return asked;
}

std::string token(const std::string& claims, const std::string& secret) {
  const std::string text = encode_base64url(R"({"alg":"HS256"})") + "." + encode_base64url(claims);
  return text + "." + encode_base64url(hmac_of(Digest::sha256, secret, text));
}

Question with_token(Action action, std::string path, std::string shown) {
  Question asked = question(action, std::move(path), "");
  asked.credentials.token = std::move(shown);
  return asked;
}

TEST_CASE("signed URLs give what the rules say, until they expire or their key is gone") {
  const auto policy = parse(rules).value().policy;
  const auto decide = [&](const Question& asked, UtcTime at) { return *policy->decide(asked, at).verdict; };
  const std::string query = sign_url({"k1", "0123456789abcdef0123456789abcdef"},
                                     {.path = "", .acl = "/live/cam1/*", .expires = in_an_hour});
  const Verdict granted = decide(question(Action::play, "live/cam1", query), now);
  REQUIRE(granted);
  CHECK(granted.grant->expires == now + 1h);
  CHECK(granted.grant->identity.name == "signed-urls.k1");
  CHECK(decide(question(Action::play, "live/cam1", query), now + 1h).refusal.kind == Kind::expired);
  CHECK(decide(question(Action::play, "live/cam10", query), now).refusal.kind == Kind::wrong);
  CHECK(decide(question(Action::publish, "live/cam1", query), now).refusal.kind == Kind::forbidden);
  Question rung = question(Action::play, "live/cam1_360p", query);
  CHECK_FALSE(decide(rung, now));
  rung.group = "live/cam1";
  CHECK(decide(rung, now));

  Question held = question(Action::play, "live/cam1", "");
  CHECK(policy->decide_again(held, *granted.grant, now));
  CHECK(policy->decide_again(held, *granted.grant, now + 1h).refusal.kind == Kind::expired);
  std::string other = rules;
  other.replace(other.find("k1 ="), 4, "k3 =");
  CHECK(parse(other).value().policy->decide_again(held, *granted.grant, now));  // the same secret
  other.replace(other.find("0123456789abcdef0123"), 4, "abcd");
  CHECK_FALSE(parse(other).value().policy->decide_again(held, *granted.grant, now));
}

TEST_CASE("tokens give what their claim says, or what the rules say") {
  const auto policy = parse(rules).value().policy;
  const auto decide = [&](const Question& asked) { return *policy->decide(asked, now).verdict; };
  const std::string claims =
      R"({"iss":"site","sub":"alice","exp":1796032800,"permissions":["publish live/alice"]})";
  const std::string shown = token(claims, "a-secret-of-thirty-two-characters");
  const Verdict granted = decide(with_token(Action::publish, "live/alice", shown));
  REQUIRE_MESSAGE(granted, granted.refusal.why);
  CHECK(granted.grant->user == "alice");
  CHECK(granted.grant->expires == now + 1h + 30s);
  CHECK(decide(with_token(Action::publish, "live/bob", shown)).refusal.kind == Kind::forbidden);
  CHECK(decide(with_token(Action::play, "live/alice", shown)).refusal.kind == Kind::forbidden);
  CHECK(decide(with_token(Action::publish, "live/alice", token(claims, "c-secret-of-thirty-two-characters")))
            .refusal.kind == Kind::wrong);
  const std::string fixed = token(R"({"exp":1796032800})", "b-secret-of-thirty-two-characters");
  CHECK(decide(with_token(Action::play, "vod/x", fixed)));
  CHECK_FALSE(decide(with_token(Action::play, "live/x", fixed)));
  Question as_password = with_token(Action::play, "vod/x", "");
  as_password.credentials.password = fixed;
  CHECK(decide(as_password));

  Question held = with_token(Action::publish, "live/alice", "");
  CHECK(policy->decide_again(held, *granted.grant, now));
  std::string other = rules;
  other.replace(other.find("a-secret"), 1, "x");
  CHECK_FALSE(parse(other).value().policy->decide_again(held, *granted.grant, now));
}

TEST_CASE("errors of these sections") {
  const auto error = [](const std::string& text) {
    const auto file = parse(text);
    return file ? std::string() : file.error().message;
  };
  CHECK(error("[signed-urls]\n").starts_with("a.toml: line 1: signed-urls: "));
  CHECK(error("[signed-urls.keys]\nk1 = \"pw4711\"\n").find("pw4711") == std::string::npos);
  CHECK(error("[signed-urls]\nsecure-link-md5 = \"$uri\"\n[signed-urls.keys]\nk1 = \"0123456789abcdef\"\n") !=
        "");
  CHECK(error("[tokens.a]\n") == "a.toml: line 1: tokens.a: secret is missing");
  CHECK(error("[tokens.a]\nsecret = \"0123456789abcdef\"\nalgorithms = [\"none\"]\n")
            .starts_with("a.toml: line 3: tokens.a.algorithms: \"none\""));
  CHECK(error("[tokens.a]\nsecret = \"0123456789abcdef\"\nclaim = \"x\"\nallow = [\"play\"]\n")
            .starts_with("a.toml: line 3: tokens.a.claim"));
  CHECK(error("[tokens.a]\nkeys = \"/no/such/file\"\n").starts_with("a.toml: line 2: tokens.a.keys: "));
}

}  // namespace
}  // namespace srs::access
