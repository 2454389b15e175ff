// The way of a stream through relays that feed each other: the ids of those it came through, oldest first,
// separated by commas. A relay that finds itself in it has met its own stream again.
#pragma once

#include <string>
#include <string_view>

namespace srs::media {

// A way that is longer than this is no way: peers say it.
inline constexpr std::size_t max_via_size = 1024;

// Whether `via` holds this id. No stream came through a relay without a name.
bool came_through(std::string_view via, std::string_view node);

// The way of a stream that `node` hands on.
std::string via_with(std::string_view via, std::string_view node);

}  // namespace srs::media
