#include "media/via.h"

namespace srs::media {

bool came_through(std::string_view via, std::string_view node) {
  while (!via.empty() && !node.empty()) {
    const auto comma = via.find(',');
    if (via.substr(0, comma) == node) return true;
    via = comma == via.npos ? std::string_view() : via.substr(comma + 1);
  }
  return false;
}

std::string via_with(std::string_view via, std::string_view node) {
  std::string longer(via);
  if (!longer.empty() && !node.empty()) longer += ',';
  return longer.append(node);
}

}  // namespace srs::media
