// Values of HTTP fields (RFC 9110 section 5.5).
#pragma once

#include <string_view>

namespace srs::bench {

// Without the blanks around it.
constexpr std::string_view trimmed(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return value;
}

}  // namespace srs::bench
