// gzip, for playlists: text that many players get (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace srs::hls {

std::string gzip(std::string_view text);
// Whether an Accept-Encoding field takes gzip (RFC 9110 12.5.3).
bool accepts_gzip(std::string_view field);

}  // namespace srs::hls
