// The file of --access: rules as people write them (TOML), see docs/access.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/hook_rules.h"
#include "access/jwks_source.h"
#include "access/policy.h"
#include "core/result.h"

namespace srs::access {

// The source of a JWK Set: the same for the same URL or file, so that to read the rules again fetches
// nothing. Errors: of a file that cannot be used.
using MakeJwksSource = std::function<Result<std::shared_ptr<JwksSource>>(const std::string& from)>;

struct PolicyFile {
  std::shared_ptr<const Policy> policy;
  std::vector<HookRules> hooks{};  // checked
  std::vector<std::string> files;  // it and those that it names, for whoever watches them
};

// Errors: io, usage; with file and line, never with a secret.
Result<PolicyFile> read_policy(const std::string& path, const MakeJwksSource& make_source);
// path: for errors.
Result<PolicyFile> parse_policy(std::string_view text, const std::string& path,
                                const MakeJwksSource& make_source);

}  // namespace srs::access
