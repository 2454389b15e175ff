// Findings: the faults of a stream, in sentences.
#pragma once

#include <string>
#include <vector>

#include "srs-probe/streams/stream.h"

namespace srs::probe {

enum class Severity { warning, error };

struct Finding {
  std::string code;  // stable, for programs: "video-gap"
  Severity severity = Severity::warning;
  std::string text;
};

// Whether a track has no frames, although it is announced by a sequence header or the container, or (by kind)
// by the metadata alone. False in the first two seconds.
bool is_missing(const Stream& stream, const Track& track);
bool is_missing(const Stream& stream, TrackKind kind);

enum class Verdict { healthy, degraded, broken };

std::vector<Finding> find_faults(const Stream& stream);

// broken if there is any error, degraded if there is any warning.
Verdict verdict(const std::vector<Finding>& findings);
std::string_view name(Verdict verdict);
std::string_view name(Severity severity);

// A position in the stream: "00:00:12.3".
std::string position(std::int64_t ms);
// A duration: "1.2 s", "350 ms".
std::string length(double ms);

}  // namespace srs::probe
