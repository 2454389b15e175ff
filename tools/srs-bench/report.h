// Report of a run: a table for people, JSON for programs (its keys are documented in srs-bench(1) and
// stable).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "figures.h"
#include "options.h"

namespace srs::bench {

std::string as_table(const Options& options, const Totals& totals);
nlohmann::ordered_json as_json(const Options& options, const Totals& totals);

}  // namespace srs::bench
