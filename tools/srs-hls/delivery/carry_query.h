// What shows a player's right, carried from a playlist to everything that the playlist names.
#pragma once

#include <string>
#include <string_view>

namespace srs::hls {

// The playlist with `query` behind each of its URIs (RFC 8216, sections 4.1 and 4.3), but for those of other
// hosts. query: as access::carried_query() gives it; empty: nothing changes.
std::string carry_query(std::string playlist, std::string_view query);

// How large it may become by that, at most.
std::size_t carried_bytes(std::string_view playlist, std::string_view query);

}  // namespace srs::hls
