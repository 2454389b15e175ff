// References in HTTP answers and playlists, relative to the URL that they came from (RFC 3986 section 5.2).
#pragma once

#include <string>
#include <string_view>

namespace srs::bench {

// Whether the reference has a scheme: "http://host/path".
bool is_absolute(std::string_view reference);

// The path and query of a reference without scheme and server. base: the path it is relative to, without a
// query. Dot segments are kept as they are.
std::string resolve_path(std::string_view base, std::string_view reference);

}  // namespace srs::bench
