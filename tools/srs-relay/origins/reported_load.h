// The load that a relay reports in its metrics (Prometheus text).
#pragma once

#include <optional>
#include <string_view>

namespace srs::relay {

// The players that a relay's metrics count: the sum of its srs_players; none if it has no such line. Numbers
// from 0 to a thousand million of each line, never infinite.
std::optional<double> players_in_metrics(std::string_view text);

}  // namespace srs::relay
