#include "access/permission.h"

#include <algorithm>

namespace srs::access {
namespace {

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto begin = text.find_first_not_of(separators);
    if (begin == text.npos) return words;
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(separators));
    words.push_back(word);
    text.remove_prefix(word.size());
  }
}

// "rtmp" is for rtmps, "http-flv" for https-flv, "hls" for the same over TLS.
bool is_protocol(const std::string& rule, const std::string& protocol) {
  if (rule == protocol) return true;
  const auto dash = protocol.find('-');
  const std::string scheme = protocol.substr(0, dash),
                    rest = dash == protocol.npos ? "" : protocol.substr(dash);
  return scheme.ends_with('s') && scheme != "hls" && rule == scheme.substr(0, scheme.size() - 1) + rest;
}

template <class List, class Test>
bool empty_or_any(const List& list, Test test) {
  return list.empty() || std::any_of(list.begin(), list.end(), test);
}

}  // namespace

bool Permission::covers(const Question& question, const asio::ip::address& address, UtcTime now) const {
  if (!is_for(question.action) || now >= until || (hours && !hours->contain(now))) return false;
  const bool in_group = !question.group.empty() && covers_path(question.group);
  if (!question.path.empty() && !covers_path(question.path) && !in_group) return false;
  return empty_or_any(networks, [&](const Network& network) { return network.contains(address); }) &&
         empty_or_any(protocols,
                      [&](const std::string& rule) { return is_protocol(rule, question.protocol); });
}

bool Permission::covers_path(const std::string& path) const {
  const auto matches = [&](const auto& pattern) { return pattern.matches(path); };
  return (paths.empty() && regexes.empty()) || std::any_of(paths.begin(), paths.end(), matches) ||
         std::any_of(regexes.begin(), regexes.end(), matches);
}

UtcTime Permission::end_from(UtcTime now) const {
  return hours ? std::min(until, hours->end_of(now)) : until;
}

Result<Permission> parse_permission(std::string_view text) {
  const auto words = words_of(text, " \t");
  if (words.empty())
    return Error{Errc::usage, "an empty permission: actions and patterns are wanted, as \"play live/**\""};
  Permission permission;
  for (const std::string_view name : words_of(words.front(), ",")) {
    const auto action = action_named(name);
    if (!action)
      return Error{Errc::usage, "\"" + std::string(name.substr(0, 64)) +
                                    "\": there are publish, play, admin.read and admin.write"};
    permission.actions.set(static_cast<std::size_t>(*action));
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto pattern = PathPattern::parse(words[i]);
    if (!pattern) return std::move(pattern).error();
    permission.paths.push_back(*std::move(pattern));
  }
  return permission;
}

std::optional<UtcTime> end_of_right(const std::vector<Permission>& permissions, const Question& question,
                                    const asio::ip::address& address, UtcTime now) {
  std::optional<UtcTime> end;
  for (const Permission& permission : permissions)
    if (permission.covers(question, address, now))
      end = std::max(end.value_or(UtcTime::min()), permission.end_from(now));
  return end;
}

}  // namespace srs::access
