// Suggests the known word that a user probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace srs::cli {

// The candidate nearest to `word`, if a typing error explains the difference: one edit in a short word, up to
// three in a long one (a letter omitted, added or changed, or two swapped; case is ignored). Otherwise the
// only candidate that begins with `word`. Otherwise empty. Words longer than 64 bytes are not compared.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// ": did you mean --listen?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace srs::cli
