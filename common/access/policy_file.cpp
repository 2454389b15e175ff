#include "access/policy_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>

#include "access/password.h"
#include "access/policy_sections.h"
#include "media/stream_path.h"

namespace srs::access {
namespace {

constexpr std::size_t max_file_bytes = 16u << 20;
constexpr std::size_t least_secret_bytes = 8;
constexpr std::string_view sha256_prefix = "sha256:";

Result<std::string> read_protocol(std::string_view text) {
  for (const std::string_view known :
       {"rtmp", "rtmps", "http-flv", "https-flv", "hls", "https", "rtsp", "rtsps", "srt", "webrtc", "admin"})
    if (text == known) return std::string(text);
  return Error{Errc::usage, fmt::format("\"{}\": there are rtmp, http-flv, hls, admin, and over TLS rtmps, "
                                        "https-flv, https",
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

}  // namespace

// {actions = ["play"], paths = ["live/**"], from = ["10.0.0.0/8"], protocols = ["rtmps"], hours = "Mon-Fri
// 08:00-18:00", until = 2027-01-31T18:00:00Z}
static Permission read_permission(TomlSection& section) {
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

static std::vector<Permission> read_permissions(TomlSection& section, std::string_view key) {
  std::vector<Permission> all;
  section.each(
      key,
      [&](const std::string& text) {
        if (auto read = section.take(key, parse_permission(text))) all.push_back(*std::move(read));
      },
      [&](TomlSection& table) { all.push_back(read_permission(table)); });
  return all;
}

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

// Reads the file once; what it names is noted in `files`.
class Reader {
 public:
  explicit Reader(const MakeJwksSource& make_source) : make_source_(make_source) {}
  Result<std::shared_ptr<const Policy>> read(const toml::table& table, const std::string& path);
  SecretFiles secrets;
  std::vector<HookRules> hooks;

 private:
  void read_section(TomlSection& section, const std::string& name);
  void read_key(TomlSection& section, const std::string& name);
  void read_user(TomlSection& section, const std::string& name);

  const MakeJwksSource& make_source_;
  std::shared_ptr<Policy> policy_ = std::make_shared<Policy>();
};

std::optional<std::string> digest_written(std::string_view digits) {
  std::string digest(32, '\0');
  if (digits.size() != 2 * digest.size()) return std::nullopt;
  const auto value = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = value(digits[2 * i]), low = value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<char>(high << 4 | low);
  }
  return digest;
}

void Reader::read_key(TomlSection& section, const std::string& name) {
  Key key;
  key.rules = read_rules(section);
  const auto text = secrets.read(section, "key");
  if (text && text->starts_with(sha256_prefix)) {
    const auto digest = digest_written(std::string_view(*text).substr(sha256_prefix.size()));
    if (!digest) section.fail("key", "64 hexadecimal digits, in small letters, are wanted behind sha256:");
    key.digest = digest.value_or("");
  } else if (text) {
    if (text->size() < least_secret_bytes)
      section.fail("key", "shorter than 8 characters: anybody could guess it (try: openssl rand -hex 16)");
    key.digest = digest_of(Digest::sha256, *text);
  }
  if (const auto path = section.text("path"))
    key.path = section.take("path", media::parse_stream_path(*path)).value_or("");
  for (const auto& [other, one] : policy_->keys)
    if (one.digest == key.digest) section.fail("key", "the same as that of keys." + other);
  policy_->keys[name] = std::move(key);
}

void Reader::read_user(TomlSection& section, const std::string& name) {
  User user;
  user.rules = read_rules(section);
  if (const auto hash = secrets.read(section, "password")) {
    user.hash = *hash;
    if (auto checked = check_hash(user.hash); !checked) section.fail("password", checked.error().message);
  }
  policy_->users[name] = std::move(user);
}

void Reader::read_section(TomlSection& section, const std::string& name) {
  if (name == "anyone") {
    policy_->anyone = read_rules(section);
  } else if (name == "keys") {
    section.each_table([this](TomlSection& key, const std::string& of) { read_key(key, of); });
  } else if (name == "users") {
    section.each_table([this](TomlSection& user, const std::string& of) { read_user(user, of); });
  } else if (name == "signed-urls") {
    policy_->verifiers.push_back(read_signed_urls(section, secrets));
  } else if (name == "tokens") {
    section.each_table([this](TomlSection& tokens, const std::string&) {
      policy_->verifiers.push_back(read_tokens(tokens, secrets, make_source_));
    });
  } else if (name == "hooks") {
    section.each_table(
        [this](TomlSection& hook, const std::string&) { hooks.push_back(read_hook(hook, secrets)); });
  } else {
    section.fail("",
                 "there is no such section: there are anyone, keys, users, signed-urls, tokens and hooks");
  }
}

Result<std::shared_ptr<const Policy>> Reader::read(const toml::table& table, const std::string& path) {
  TomlSection whole(table, "", path);
  whole.each_table([this](TomlSection& section, const std::string& name) { read_section(section, name); });
  if (auto checked = whole.check(); !checked) return std::move(checked).error();
  policy_->index_keys();
  return std::shared_ptr<const Policy>(std::move(policy_));
}

}  // namespace

Result<PolicyFile> parse_policy(std::string_view text, const std::string& path,
                                const MakeJwksSource& make_source) {
  toml::table table;
  try {
    table = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return Error{Errc::usage,
                 fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description())};
  }
  Reader reader(make_source);
  auto policy = reader.read(table, path);
  if (!policy) return std::move(policy).error();
  reader.secrets.files.insert(reader.secrets.files.begin(), path);
  return PolicyFile{*std::move(policy), std::move(reader.hooks), std::move(reader.secrets.files)};
}

Result<PolicyFile> read_policy(const std::string& path, const MakeJwksSource& make_source) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error(path, errno);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.size() > max_file_bytes) return Error{Errc::usage, path + ": larger than 16 MiB"};
  return parse_policy(text, path, make_source);
}

}  // namespace srs::access
