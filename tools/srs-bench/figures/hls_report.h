// The report's part on HLS players.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "srs-bench/figures/figures.h"

namespace srs::bench {

// Rows of the table: label and text. None without such players.
std::vector<std::pair<std::string, std::string>> hls_rows(const Totals& totals);
// Null without such players.
nlohmann::ordered_json hls_json(const Totals& totals);

// Times in milliseconds: as text, "-" if there are none; in JSON, null if there are none.
std::string percentiles_text(const Histogram& times);
nlohmann::ordered_json percentiles_json(const Histogram& times);

}  // namespace srs::bench
