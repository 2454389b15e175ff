// Report: what a probe found out, as a table for people and as JSON for programs.
//
// The JSON keys are documented in srs-probe(1) and stable: a key may be added, none changes its meaning.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "findings.h"
#include "stream.h"

namespace srs::probe {

// Streams that are in no report: a run keeps so many, and gives up the oldest that ended for a new one.
struct Forgotten {
  std::uint64_t ended = 0;
  std::uint64_t not_seen = 0;        // there was no room for them: all others were on
  Verdict worst = Verdict::healthy;  // of those that ended
  bool had_media = false;
  bool crossed = false;  // a threshold
};

struct Report {
  std::string source;  // as people know it: "stdin", "a.flv", a URL without its password
  bool live = false;   // arrival times mean something
  WallMs elapsed = 0;
  std::uint64_t bytes = 0;           // read from the source; 0: not known
  std::optional<WallMs> first_byte;  // since connecting began
  std::string error;                 // why the source ended early; empty if it did not
  const StreamList* streams = nullptr;
  Forgotten forgotten;
};

std::string as_table(const Report& report);
nlohmann::ordered_json as_json(const Report& report);

}  // namespace srs::probe
