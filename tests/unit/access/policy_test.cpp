#include "access/policy.h"

#include <doctest/doctest.h>

#include "access/password.h"
#include "access/policy_file.h"

namespace srs::access {
namespace {

using namespace std::chrono_literals;
using Kind = Refusal::Kind;

constexpr const char* rules = R"(
[anyone]
allow = ["play public/**"]
deny = [{actions = ["play", "publish"], from = ["203.0.113.0/24"]}]

[keys.encoder]
key = "encoder-secret"
allow = ["publish live/*"]

[keys.stage]
key = "3f9a7c1e5b"
path = "live/stage"
allow = ["publish live/stage"]

[keys.hashed]
key = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
allow = ["play"]

[users.alice]
password = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA"
allow = ["play,publish live/alice/*", {actions = ["play"], paths = ["vod/**"], until = 2026-12-01T00:00:00Z}]
from = ["10.0.0.0/8"]
)";

Result<PolicyFile> parse(const std::string& text, const std::string& name) {
  return parse_policy(text, name, [](const std::string&) { return std::shared_ptr<JwksSource>(); });
}

std::shared_ptr<const Policy> policy_of(const std::string& text) {
  auto file = parse(text, "access.toml");
  REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
  return file->policy;
}

std::string error_of(const std::string& text) {
  const auto file = parse(text, "a.toml");
  return file ? "" : file.error().message;
}

const UtcTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 9h;

Question question(Action action, std::string path) {
  Question asked;
  asked.action = action;
  asked.protocol = "rtmp";
  asked.path = std::move(path);
  asked.address = "10.0.0.7:50000";
  return asked;
}

Question with_key(Action action, std::string path, std::string key) {
  Question asked = question(action, std::move(path));
  asked.credentials.key = std::move(key);
  return asked;
}

TEST_CASE("keys allow what their section says, wherever they are shown") {
  const auto policy = policy_of(rules);
  const auto decide = [&](const Question& asked) { return *policy->decide(asked, now).verdict; };
  const Verdict granted = decide(with_key(Action::publish, "live/cam1", "encoder-secret"));
  REQUIRE(granted);
  CHECK(granted.grant->path == "live/cam1");
  CHECK(granted.grant->identity.name == "keys.encoder");
  CHECK(granted.grant->expires == never);
  CHECK(decide(with_key(Action::publish, "live/a/b", "encoder-secret")).refusal.kind == Kind::forbidden);
  CHECK(decide(with_key(Action::play, "live/cam1", "encoder-secret")).refusal.kind == Kind::forbidden);
  CHECK(decide(with_key(Action::publish, "live/cam1", "encoder-secre")).refusal.kind == Kind::wrong);
  CHECK(decide(question(Action::publish, "live/cam1")).refusal.kind == Kind::unknown);
  CHECK(decide(with_key(Action::play, "x", "test")));  // of which the rules hold the SHA-256
  Question token = question(Action::publish, "live/cam1"), password = token;
  token.credentials.token = "encoder-secret";
  password.credentials.user = "OBS";
  password.credentials.password = "encoder-secret";
  CHECK(decide(token));
  CHECK(decide(password));
}

TEST_CASE("a key in the place of the name stands for its stream") {
  const auto policy = policy_of(rules);
  for (const char* name : {"live/3f9a7c1e5b", "3f9a7c1e5b", "other/3f9a7c1e5b"}) {
    const auto decision = policy->decide(question(Action::publish, name), now);
    REQUIRE(*decision.verdict);
    CHECK(decision.verdict->grant->path == "live/stage");
  }
  CHECK_FALSE(*policy->decide(question(Action::publish, "3f9a7c1e5b/x"), now).verdict);
  CHECK_FALSE(*policy->decide(question(Action::publish, "live/stage"), now).verdict);
  CHECK_FALSE(*policy->decide(question(Action::publish, "live/encoder-secret"), now).verdict);
  CHECK(policy->names_may_be_keys());
}

TEST_CASE("what anyone may, and what is denied to everybody") {
  const auto policy = policy_of(rules);
  CHECK(*policy->decide(question(Action::play, "public/x"), now).verdict);
  CHECK(*policy->decide(with_key(Action::play, "public/x", "a-wrong-one"), now).verdict);
  Question denied = with_key(Action::publish, "live/cam1", "encoder-secret");
  denied.address = "203.0.113.9:1";
  CHECK(policy->decide(denied, now).verdict->refusal.kind == Kind::forbidden);
}

TEST_CASE("passwords are left to who may wait; then the user's permissions count") {
  const auto policy = policy_of(rules);
  Question asked = question(Action::play, "live/alice/cam");
  asked.credentials.user = "alice";
  asked.credentials.password = "anything";
  const auto decision = policy->decide(asked, now);
  REQUIRE_FALSE(decision.verdict);
  REQUIRE(decision.user != nullptr);
  const Verdict granted = policy->decide_user(asked, *decision.user, now);
  REQUIRE(granted);
  CHECK(granted.grant->user == "alice");
  asked.path = "vod/x";
  CHECK(policy->decide_user(asked, *decision.user, now).grant->expires == now + 15h);
  CHECK_FALSE(policy->decide_user(asked, *decision.user, now + 15h));
  asked.address = "192.0.2.1:1";
  CHECK_FALSE(policy->decide_user(asked, *decision.user, now));
  asked.credentials.user = "bob";
  CHECK(policy->decide(asked, now).verdict->refusal.kind == Kind::wrong);
}

TEST_CASE("rights that are held end when the rules no longer give them") {
  const auto before = policy_of(rules);
  Question asked = with_key(Action::publish, "live/cam1", "encoder-secret");
  const Grant grant = *before->decide(asked, now).verdict->grant;
  asked.credentials = {};
  CHECK(before->decide_again(asked, grant, now));
  const std::string text = rules;
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return policy_of(other)->decide_again(asked, grant, now);
  };
  CHECK(changed("play public/**", "play"));
  CHECK_FALSE(changed("encoder-secret", "another-secret"));
  CHECK_FALSE(changed("keys.encoder", "keys.renamed"));
  CHECK_FALSE(changed("publish live/*", "publish vod/*"));
  CHECK_FALSE(changed("203.0.113.0/24", "10.0.0.0/24"));
  CHECK(changed("allow = [\"publish live/*\"]", "allow = [\"publish live/*\"]\nuntil = 2026-12-01T00:00:00Z")
            .grant->expires == now + 15h);
}

TEST_CASE("times that no clock can hold are never, also of what is denied") {
  const auto policy = policy_of(
      "[anyone]\nallow = [\"play\"]\ndeny = [{actions = [\"play\"], paths = [\"a\"], until = "
      "9999-12-31T00:00:00Z}]\n");
  CHECK_FALSE(*policy->decide(question(Action::play, "a"), now).verdict);
  CHECK(*policy->decide(question(Action::play, "b"), now).verdict);
}

TEST_CASE("what is denied to everybody is denied to a key in the place of the name, too") {
  std::string text = rules;
  text.replace(text.find("deny = ["), 8, "deny = [\"publish live/stage\", ");
  CHECK_FALSE(*policy_of(text)->decide(question(Action::publish, "live/3f9a7c1e5b"), now).verdict);
}

TEST_CASE("errors name line and setting, and no secret") {
  CHECK(error_of("[keys.a]\nkey = \"short\"\n") ==
        "a.toml: line 2: keys.a.key: shorter than 8 characters: anybody could guess it (try: openssl rand "
        "-hex 16)");
  CHECK(error_of("[keys.a]\nallow = []\n") == "a.toml: line 1: keys.a: key is missing");
  CHECK(error_of("[keys.a]\nkey = \"long-enough\"\nalow = []\n") ==
        "a.toml: line 3: keys.a.alow: there is no such setting");
  CHECK(error_of("[anyone]\nallow = [\"watch x\"]\n")
            .starts_with("a.toml: line 2: anyone.allow: \"watch\": there are publish, play"));
  CHECK(error_of("[anyone]\nallow = [{actions = [\"play\"], from = [\"10.0.0.0/33\"]}]\n")
            .starts_with("a.toml: line 2: anyone.allow.from: \"10.0.0.0/33\""));
  CHECK(error_of("[anybody]\n").starts_with("a.toml: line 1: anybody: there is no such section"));
  CHECK(error_of("x = 1\n").starts_with("a.toml: line 1: x: a table is wanted"));
  CHECK(error_of("[anyone\n").starts_with("a.toml: line 1: "));
  CHECK(error_of("[keys.a]\nkey = \"the-same-key\"\n[keys.b]\nkey = \"the-same-key\"\n") ==
        "a.toml: line 4: keys.b.key: the same as that of keys.a");
  CHECK(error_of("[users.a]\npassword = \"in-the-clear\"\n").find("in-the-clear") == std::string::npos);
  CHECK(error_of("[keys.a]\nkey = \"file:/no/such/file\"\n")
            .starts_with("a.toml: line 2: keys.a.key: /no/such/file"));
  CHECK(error_of("[keys.a]\nkey = \"env:SRS_NO_SUCH_VARIABLE\"\n").find("SRS_NO_SUCH_VARIABLE") !=
        std::string::npos);
  CHECK(error_of("[anyone]\nallow = 5\n") == "a.toml: line 2: anyone.allow: a text or a table is wanted");
}

TEST_CASE("files of secrets are noted, so that they can be watched") {
  const auto file = parse("[keys.a]\nkey = \"file:/etc/hostname\"\n", "a.toml");
  if (!file) return;  // a machine with a name shorter than a secret, or without one
  CHECK(file->files == std::vector<std::string>{"a.toml", "/etc/hostname"});
}

TEST_CASE("hashes of passwords") {
  const std::string hash = hash_password("correct horse").value();
  CHECK(check_hash(hash));
  CHECK(is_password_of(hash, "correct horse"));
  CHECK_FALSE(is_password_of(hash, "correct horse "));
  CHECK_FALSE(is_password_of(hash, ""));
  CHECK_FALSE(is_password_of(hash, std::string(2'000, 'x')));
  CHECK(hash_password("correct horse").value() != hash);  // another salt
  CHECK_FALSE(hash_password(""));
  for (const char* wrong :
       {"", "x", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdA$aGFzaA", "$argon2id$v=19$m=19456,t=99,p=1$c2FsdA$aGFzaA",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$", "$argon2id$v=19$m=19456,t=2,p=1$c2 sdA$aGFzaA"})
    CHECK_FALSE_MESSAGE(check_hash(wrong), wrong);
}

}  // namespace
}  // namespace srs::access
