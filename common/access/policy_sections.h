// What sections of the rules have in common, and those that prove something by a signature.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/policy_file.h"
#include "access/toml_section.h"

namespace srs::access {

// allow, deny, from and until of a section.
Rules read_rules(TomlSection& section);

// Reads secrets, and notes the files that they are in.
struct SecretFiles {
  std::vector<std::string> files;

  // Fails if the section has no such key. Errors never hold the value.
  std::optional<std::string> read(TomlSection& section, std::string_view key);
};

// [signed-urls] and [tokens.NAME]. Null: the section has failed.
std::unique_ptr<Verifier> read_signed_urls(TomlSection& section, SecretFiles& secrets);
std::unique_ptr<Verifier> read_tokens(TomlSection& section, SecretFiles& secrets,
                                      const MakeJwksSource& make_source);

// [hooks.NAME]
HookRules read_hook(TomlSection& section, SecretFiles& secrets);

}  // namespace srs::access
