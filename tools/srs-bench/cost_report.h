// The part of the report that tells what the run cost.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "figures.h"

namespace srs::bench {

// Rows of the table: label and text.
std::vector<std::pair<std::string, std::string>> cost_rows(const Totals& totals);
// `client` and `server`.
void add_costs(nlohmann::ordered_json& json, const Totals& totals);

}  // namespace srs::bench
