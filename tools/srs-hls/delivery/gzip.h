// gzip compression of playlists (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace srs::hls {

std::string gzip(std::string_view text);
// Whether an Accept-Encoding field accepts gzip (RFC 9110 12.5.3).
bool accepts_gzip(std::string_view field);

}  // namespace srs::hls
