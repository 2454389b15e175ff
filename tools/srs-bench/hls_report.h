// The part of the report that is about players of HLS.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "figures.h"

namespace srs::bench {

// Rows of the table: label and text. None without such players.
std::vector<std::pair<std::string, std::string>> hls_rows(const Totals& totals);
// Null without such players.
nlohmann::ordered_json hls_json(const Totals& totals);

// Times as the report gives them, in milliseconds: as text, "-" if there are none, and in JSON, null then.
std::string percentiles_text(const Histogram& times);
nlohmann::ordered_json percentiles_json(const Histogram& times);

}  // namespace srs::bench
