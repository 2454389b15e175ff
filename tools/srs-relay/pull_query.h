// The query of a pull's URL.
#pragma once

#include <string>
#include <string_view>

namespace srs::relay {

// own: what the origin's URL has; forwarded: the player's, or empty. Ours (annotations, wait, via) is added,
// and left out of what is forwarded.
std::string pull_query(std::string_view own, std::string_view forwarded);

}  // namespace srs::relay
