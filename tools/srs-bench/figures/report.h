// The report of a run: a table for people, JSON for programs (its keys are stable, and documented in
// srs-bench(1)).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "srs-bench/figures/figures.h"
#include "srs-bench/options/options.h"

namespace srs::bench {

std::string as_table(const Options& options, const Totals& totals);
nlohmann::ordered_json as_json(const Options& options, const Totals& totals);

}  // namespace srs::bench
