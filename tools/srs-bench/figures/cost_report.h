// The report's part on costs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "srs-bench/figures/figures.h"

namespace srs::bench {

// Rows of the table: label and text.
std::vector<std::pair<std::string, std::string>> cost_rows(const Totals& totals);
// `client` and `server`.
void add_costs(nlohmann::ordered_json& json, const Totals& totals);

}  // namespace srs::bench
