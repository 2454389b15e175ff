// The query of a pull's URL.
#pragma once

#include <string>
#include <string_view>

namespace srs::relay {

// Of a player's query what is handed on: all but what is ours.
std::string forwarded_query(std::string_view query);

// What would end a URL or break it, white space, control characters and '#', becomes %XX.
std::string escape_query(std::string_view query);

// own: what the origin's URL has; forwarded: the player's, or empty; resume: see streams/resume.h, may be
// empty. Ours (annotations, wait, via, resume) is added, and left out of what is forwarded.
std::string pull_query(std::string_view own, std::string_view forwarded, std::string_view resume = {});

}  // namespace srs::relay
