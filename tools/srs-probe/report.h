// Report: what a probe found out, as a table for people and as JSON for programs.
//
// The JSON keys are documented in srs-probe(1) and stable: a key may be added, none changes its meaning.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "findings.h"
#include "stream.h"

namespace srs::probe {

struct Report {
  std::string source;  // as people know it: "stdin", "a.flv", a URL without its password
  bool live = false;   // arrival times mean something
  WallMs elapsed = 0;
  std::uint64_t bytes = 0;           // read from the source; 0: not known
  std::optional<WallMs> first_byte;  // since connecting began
  std::string error;                 // why the source ended early; empty if it did not
  const std::deque<Stream>* streams = nullptr;
};

std::string as_table(const Report& report);
nlohmann::ordered_json as_json(const Report& report);

}  // namespace srs::probe
