#include "net/url_display.h"

#include <algorithm>
#include <cctype>

namespace srs::net {
namespace {

constexpr std::string_view hidden = "***";
constexpr std::string_view after_scheme = "://";

// "a=***&b=***"; a part without a name is hidden whole.
std::string hide_values(std::string_view query) {
  std::string shown;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (!shown.empty()) shown += '&';
    if (equals != pair.npos) shown.append(pair.substr(0, equals + 1));
    shown.append(hidden);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return shown;
}

// For what parse_url() rejects: the same parts, as far as they can be found.
std::string display_unparsed(std::string_view text) {
  const auto scheme_end = text.find(after_scheme);
  if (scheme_end == text.npos) return std::string(text);
  const std::size_t start = scheme_end + after_scheme.size();
  const std::size_t authority_end = std::min(text.find_first_of("/?#", start), text.size());
  std::string_view authority = text.substr(start, authority_end - start);
  if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  const std::string_view rest = text.substr(authority_end);
  const auto mark = std::min(rest.find_first_of("?#"), rest.size());
  std::string shown(text.substr(0, start));
  shown.append(authority).append(rest.substr(0, mark));
  if (mark < rest.size()) shown.append(rest.substr(mark, 1)).append(hidden);
  return shown;
}

bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\'' || c == '"' || c == '<' || c == '>';
}

}  // namespace

std::string display_url(const Url& url) {
  Url shown = url;
  shown.query = hide_values(url.query);
  return shown.display();
}

std::string display_url(std::string_view text) {
  if (text.find(after_scheme) == text.npos) return std::string(text);
  const auto url = parse_url(text);
  return url ? display_url(*url) : display_unparsed(text);
}

std::string display_urls_in(std::string_view text) {
  std::string shown;
  for (auto mark = text.find(after_scheme); mark != text.npos; mark = text.find(after_scheme)) {
    std::size_t start = mark;
    while (start > 0 && (std::isalnum(static_cast<unsigned char>(text[start - 1])) || text[start - 1] == '+'))
      --start;
    std::size_t end = mark + after_scheme.size();
    while (end < text.size() && !ends_url(text[end])) ++end;
    shown.append(text.substr(0, start)).append(display_unparsed(text.substr(start, end - start)));
    text.remove_prefix(end);
  }
  return shown.append(text);
}

}  // namespace srs::net
