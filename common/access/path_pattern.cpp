#include "access/path_pattern.h"

#include <span>

namespace srs::access {
namespace {

constexpr std::size_t max_bytes = 255, max_components = 16;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == text.npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

// '*' is tried at the shortest first, and only the newest is tried again: time is at most the product of the
// sizes.
bool component_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, tried = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// The same for components, where "**" is the star.
bool all_match(std::span<const std::string> pattern, std::span<const std::string_view> path) {
  std::size_t p = 0, t = 0, star = pattern.size(), tried = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      star = p++;
      tried = t;
    } else if (p < pattern.size() && component_matches(pattern[p], path[t])) {
      ++p, ++t;
    } else if (star != pattern.size()) {
      p = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == "**") ++p;
  return p == pattern.size();
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error{Errc::usage, "\"" + std::string(text.substr(0, max_bytes)) + "\": " + std::string(why)};
  };
  while (text.starts_with('/')) text.remove_prefix(1);
  if (text.empty()) return wrong("a pattern of stream names is wanted, as live/* or **");
  if (text.size() > max_bytes) return wrong("longer than 255 bytes");
  PathPattern pattern;
  pattern.text_ = text;
  for (const std::string_view component : split(text)) {
    if (component.empty()) return wrong("a component is empty");
    if (component != "**" && component.find("**") != component.npos)
      return wrong("** has to be a whole component, as in live/**");
    pattern.components_.emplace_back(component);
  }
  if (pattern.components_.size() > max_components) return wrong("more than 16 components");
  return pattern;
}

bool PathPattern::matches(std::string_view path) const {
  return all_match(components_, split(path));
}

}  // namespace srs::access
