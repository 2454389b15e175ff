// Report: the results of a probe, as a table for people and as JSON for programs.
//
// The JSON keys are documented in srs-probe(1) and stable: keys may be added, none changes its meaning.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "srs-probe/report/findings.h"
#include "srs-probe/streams/stream.h"

namespace srs::probe {

// Streams missing in the report: a run keeps a limited number, and drops the oldest ended one for a new one.
struct Forgotten {
  std::uint64_t ended = 0;
  std::uint64_t not_seen = 0;        // no room for them: all kept ones were live
  Verdict worst = Verdict::healthy;  // of the ended ones
  bool had_media = false;
  bool crossed = false;  // crossed a threshold
};

struct Report {
  std::string source;  // for people: "stdin", "a.flv", a URL without its password
  bool live = false;   // arrival times are meaningful
  WallMs elapsed = 0;
  std::uint64_t bytes = 0;           // read from the source; 0: unknown
  std::optional<WallMs> first_byte;  // since connecting began
  std::string error;                 // why the source ended early; empty if it did not
  const StreamList* streams = nullptr;
  Forgotten forgotten;
};

std::string as_table(const Report& report);
nlohmann::ordered_json as_json(const Report& report);

}  // namespace srs::probe
