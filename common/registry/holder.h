// Holder: a node that has a stream, and where it can be played there. The values of the registry's keys:
//
//     {"node":"origin-0","urls":["rtmp://10.0.0.7:1936"],"since":1764000000}
//
// Values. What is read may come from anybody who can write to the registry: sizes are checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::registry {

struct Holder {
  std::string node;
  std::vector<std::string> urls;  // the preferred one first; the paths of streams are appended
  std::int64_t since_s = 0;       // Unix time

  bool operator==(const Holder&) const = default;
};

// Limits for the holders of one stream in an answer.
inline constexpr std::size_t max_holders = 4;
inline constexpr std::size_t max_holder_bytes = 4096;
inline constexpr std::size_t max_urls = 4;
inline constexpr std::size_t max_url_bytes = 512;

std::string encode(const Holder& holder);
Result<Holder> decode_holder(std::string_view text);

}  // namespace srs::registry
