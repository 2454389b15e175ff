#include "wanted.h"

#include <algorithm>

#include "cli/command_line.h"
#include "net/url.h"

namespace srs::relay {

std::chrono::milliseconds patience_of(std::string_view query, std::chrono::milliseconds longest) {
  const auto text = net::query_value(query, "wait");
  if (!text) return longest;
  const auto asked = cli::parse_duration(*text);
  return asked ? std::min(*asked, longest) : longest;
}

}  // namespace srs::relay
