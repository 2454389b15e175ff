#include "srs-relay/streams/via_fields.h"

#include <fmt/format.h>

namespace srs::relay {

std::string via_to_field(std::string_view via) {
  std::string field;
  while (!via.empty()) {
    const auto comma = via.find(',');
    field += fmt::format("{}1.1 {}", field.empty() ? "" : ", ", via.substr(0, comma));
    via = comma == via.npos ? std::string_view() : via.substr(comma + 1);
  }
  return field;
}

std::string via_from_field(std::string_view field) {
  std::string via;
  while (!field.empty()) {
    const auto comma = field.find(',');
    std::string_view entry = field.substr(0, comma);
    field = comma == field.npos ? std::string_view() : field.substr(comma + 1);
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    const auto space = entry.find(' ');
    if (space == entry.npos || entry.find(' ', space + 1) != entry.npos) continue;
    if (!via.empty()) via += ',';
    via += entry.substr(space + 1);
  }
  return via;
}

}  // namespace srs::relay
