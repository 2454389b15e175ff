// UTC in the ISO 8601 form of playlists.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::hls {

using Utc = std::chrono::system_clock::time_point;

// "2026-11-23T08:00:00.125Z"
std::string format_utc(Utc time);
// Parses the same form; the fraction may be missing and the zone may differ ("+01:00"). An error for anything
// else, and for years outside 1970 to 2200.
Result<Utc> parse_utc(std::string_view text);

}  // namespace srs::hls
