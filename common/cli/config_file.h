// clang-format off
// The --config file: options as on the command line, one a line.
//
//     # srs-relay of the edge
//     listen = rtmp://:1935
//     listen = http://:8080                 # a comment behind a blank; # and ; also begin a line of it
//     origin = ["rtmp://a", "rtmp://b"]     # a list, over several lines if need be
//     no-stdin                              # a flag; also: no-stdin = true
//     node = "edge 1"                       # quoted: '...' as it is, "..." with \" and \\ in it
//
//     [play]                                         # options of a subcommand (srs-bench)
//
// This is the common part of INI and TOML; anything else is an error that names its line. Errors never
// contain a value: it may be a secret.
// clang-format on
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::cli {

inline constexpr std::size_t max_config_bytes = 1 << 20;

struct ConfigValue {
  std::string text;
  bool bare = true;  // not quoted, not part of a list
};

struct ConfigEntry {
  std::string section;  // empty: none
  std::string name;
  std::vector<ConfigValue> values;  // none: the name stands alone
  std::size_t line = 0;             // from 1 on
};

// Errors: Errc::usage, "FILE, line 3: ...". `file` is used in errors only. At most max_config_bytes.
Result<std::vector<ConfigEntry>> parse_config(std::string_view text, const std::string& file);

}  // namespace srs::cli
