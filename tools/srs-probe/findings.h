// Findings: what is wrong with a stream, in sentences.
#pragma once

#include <string>
#include <vector>

#include "stream.h"

namespace srs::probe {

enum class Severity { warning, error };

struct Finding {
  std::string code;  // stable, for programs: "video-gap"
  Severity severity = Severity::warning;
  std::string text;
};

enum class Verdict { healthy, degraded, broken };

std::vector<Finding> find_faults(const Stream& stream);

// broken with any error, degraded with any warning.
Verdict verdict(const std::vector<Finding>& findings);
std::string_view name(Verdict verdict);
std::string_view name(Severity severity);

// "00:00:12.3": a position in the stream.
std::string position(std::int64_t ms);
// "1.2 s", "350 ms".
std::string length(double ms);

}  // namespace srs::probe
