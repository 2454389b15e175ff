// The file of --access: rules as people write them (TOML), see docs/access.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/policy.h"
#include "core/result.h"

namespace srs::access {

struct PolicyFile {
  std::shared_ptr<const Policy> policy;
  std::vector<std::string> files;  // it and those that it names, for whoever watches them
};

// Errors: io, usage; with file and line, never with a secret.
Result<PolicyFile> read_policy(const std::string& path);
// path: for errors.
Result<PolicyFile> parse_policy(std::string_view text, const std::string& path);

}  // namespace srs::access
