// The name of a stream: "live/cam1". It comes from peers and becomes a file name and a log
// line, so it is checked once, where it enters.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::media {

inline constexpr std::size_t max_stream_path_size = 255;

// A path as peers send it (not percent-encoded; a leading or trailing '/' is dropped). Refused:
// an empty path or component, components that start with '.', more than 255 bytes, control
// characters, '%', '\', '?', '#', '*', quotes, '<', '>', '|', ':', white space, what is not UTF-8, and what
// cli::printable() would change: marks of direction, separators, what has no width.
Result<std::string> parse_stream_path(std::string_view text);

}  // namespace srs::media
