// Names of streams: "live/cam1". They come from peers and become file names and log lines, so they are
// checked once, where they enter.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::media {

inline constexpr std::size_t max_stream_path_size = 255;

// A path as peers send it (not percent-encoded; a leading or trailing '/' is dropped). Refused: an empty path
// or component, components that start with '.', more than 255 bytes, control characters, '%', '\', '?', '#',
// '*', quotes, '<', '>', '|', ':', white space, anything but UTF-8, and what cli::printable() would change:
// direction marks, separators, zero-width characters.
Result<std::string> parse_stream_path(std::string_view text);

}  // namespace srs::media
