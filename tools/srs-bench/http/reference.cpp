#include "srs-bench/http/reference.h"

#include <fmt/format.h>

namespace srs::bench {

bool is_absolute(std::string_view reference) {
  return reference.find("://") < reference.find_first_of("/?#");
}

std::string resolve_path(std::string_view base, std::string_view reference) {
  if (reference.starts_with('/')) return std::string(reference);
  if (reference.starts_with('?')) return fmt::format("{}{}", base, reference);
  return fmt::format("{}{}", base.substr(0, base.rfind('/') + 1), reference);
}

}  // namespace srs::bench
