// The path of a stream through relays that feed each other: the ids of the relays that it passed, oldest
// first, separated by commas. A relay that finds its own id there has met its own stream again.
#pragma once

#include <string>
#include <string_view>

namespace srs::media {

// A longer one, which only a peer can send, is invalid.
inline constexpr std::size_t max_via_size = 1024;

// Whether `via` contains this id; never an empty one.
bool came_through(std::string_view via, std::string_view node);

// The path of a stream that `node` passes on.
std::string via_with(std::string_view via, std::string_view node);

}  // namespace srs::media
