#include "srs-hls/delivery/carry_query.h"

#include <algorithm>

namespace srs::hls {
namespace {

constexpr std::string_view attribute = "URI=\"";

void add_uri(std::string& to, std::string_view uri, std::string_view query) {
  to += uri;
  if (uri.empty() || uri.find("://") != uri.npos || uri.starts_with("//") || uri.starts_with("data:")) return;
  to += uri.find('?') == uri.npos ? '?' : '&';
  to += query;
}

// Attributes are quoted, and hold no quotes.
void add_tag(std::string& to, std::string_view line, std::string_view query) {
  for (;;) {
    const auto found = line.find(attribute);
    const auto begin = found == line.npos ? line.size() : found + attribute.size();
    to += line.substr(0, begin);
    line.remove_prefix(begin);
    if (line.empty()) return;
    const auto end = line.find('"');
    add_uri(to, line.substr(0, end), query);
    line.remove_prefix(end == line.npos ? line.size() : end);
  }
}

}  // namespace

std::string carry_query(std::string playlist, std::string_view query) {
  if (query.empty()) return playlist;
  std::string carried;
  carried.reserve(playlist.size());
  std::string_view left = playlist;
  while (!left.empty()) {
    const auto end = left.find('\n');
    const std::string_view line = left.substr(0, end);
    if (line.starts_with('#'))
      add_tag(carried, line, query);
    else if (!line.empty())
      add_uri(carried, line, query);
    if (end != left.npos) carried += '\n';
    left.remove_prefix(end == left.npos ? left.size() : end + 1);
  }
  return carried;
}

std::size_t carried_bytes(std::string_view playlist, std::string_view query) {
  const auto lines = static_cast<std::size_t>(std::count(playlist.begin(), playlist.end(), '\n')) + 1;
  return playlist.size() + lines * (query.size() + 1);
}

}  // namespace srs::hls
