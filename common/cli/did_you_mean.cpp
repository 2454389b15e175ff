#include "cli/did_you_mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace srs::cli {
namespace {

constexpr std::size_t max_word_bytes = 64;

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

// The Damerau-Levenshtein distance, in the variant that swaps two neighbours at most once (optimal string
// alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, max_word_bytes + 1>;
  Row before_last{}, last{}, row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

// Without its leading dashes.
std::string_view bare(std::string_view word) {
  return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

// The only candidate that begins with `word`; empty if that is shorter than three letters.
std::string only_beginning(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() < 3) return {};
  const auto begins = [&](const std::string& candidate) { return lower(bare(candidate)).starts_with(word); };
  if (std::count_if(candidates.begin(), candidates.end(), begins) != 1) return {};
  return *std::find_if(candidates.begin(), candidates.end(), begins);
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = lower(bare(word));
  if (wanted.empty() || wanted.size() > max_word_bytes) return {};
  std::size_t least = std::min<std::size_t>(3, (wanted.size() + 2) / 4) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::string name = lower(bare(candidate));
    if (name.empty() || name.size() > max_word_bytes) continue;
    const std::size_t edits = distance(wanted, name);
    if (edits >= least || edits >= name.size()) continue;
    least = edits;
    found = candidate;
  }
  return found.empty() ? only_beginning(wanted, candidates) : found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string found = nearest(word, candidates);
  return found.empty() ? found : fmt::format(": did you mean {}?", found);
}

}  // namespace srs::cli
