#include "access/policy_file.h"

#include <fmt/format.h>

#include <cerrno>

#include "access/password.h"
#include "access/policy_sections.h"
#include "core/read_up_to.h"
#include "media/stream_path.h"

namespace srs::access {
namespace {

constexpr std::size_t max_file_bytes = 16u << 20;
constexpr std::size_t least_secret_bytes = 8;
constexpr std::string_view sha256_prefix = "sha256:";

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
  const auto text = read_up_to(path, max_file_bytes);
  if (!text) return system_error(path, errno);
  if (text->size() > max_file_bytes) return Error{Errc::usage, path + ": larger than 16 MiB"};
  return parse_policy(*text, path, make_source);
}

}  // namespace srs::access
