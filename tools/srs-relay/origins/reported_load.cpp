#include "srs-relay/origins/reported_load.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace srs::relay {
namespace {

constexpr double max_players = 1e9;  // of one line
constexpr std::string_view players_metric = "srs_players";

// The value of a sample line; none if it is of another metric.
std::optional<double> players_in_line(std::string_view line) {
  if (!line.starts_with(players_metric)) return std::nullopt;
  line.remove_prefix(players_metric.size());
  if (line.starts_with('{')) {
    const auto end = line.rfind('}');
    if (end == line.npos) return std::nullopt;
    line.remove_prefix(end + 1);
  }
  if (!line.starts_with(' ')) return std::nullopt;
  line.remove_prefix(1);
  double value = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
  // What is sorted by has to be a number.
  if (read.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return std::clamp(value, 0.0, max_players);
}

}  // namespace

std::optional<double> players_in_metrics(std::string_view text) {
  std::optional<double> sum;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (const auto players = players_in_line(text.substr(0, end))) sum = sum.value_or(0) + *players;
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return sum;
}

}  // namespace srs::relay
