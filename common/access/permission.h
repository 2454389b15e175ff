// Permission: some actions on some streams, under conditions. A value; any thread.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/hours.h"
#include "access/network.h"
#include "access/path_pattern.h"
#include "access/path_regex.h"
#include "access/question.h"
#include "core/result.h"

namespace srs::access {

struct Permission {
  std::bitset<action_count> actions;
  std::vector<PathPattern> paths;      // empty, as is regexes: every stream
  std::vector<PathRegex> regexes;      // streams besides those of paths
  std::vector<Network> networks;       // empty: from every address
  std::vector<std::string> protocols;  // empty: every protocol; "rtmp" stands for rtmps, too
  std::optional<Hours> hours;
  UtcTime until = never;

  bool is_for(Action action) const { return actions[static_cast<std::size_t>(action)]; }
  // address: of the question, read. Whether it allows it now.
  bool covers(const Question& question, const asio::ip::address& address, UtcTime now) const;
  // Whether the stream is one of its own.
  bool covers_path(const std::string& path) const;
  // When it ends if it covers the question now; `never` if it does not end by itself.
  UtcTime end_from(UtcTime now) const;
};

// "publish live/cam1", "publish,play live/* vod/**", "admin.read", "play" (every stream). Errors say what is
// wrong.
Result<Permission> parse_permission(std::string_view text);

// The end of the longest of those that cover the question; nothing if none does.
std::optional<UtcTime> end_of_right(const std::vector<Permission>& permissions, const Question& question,
                                    const asio::ip::address& address, UtcTime now);

}  // namespace srs::access
