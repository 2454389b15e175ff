// UTC in the form of ISO 8601 that playlists use.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::hls {

using Utc = std::chrono::system_clock::time_point;

// "2026-11-23T08:00:00.125Z"
std::string format_utc(Utc time);
// The same form; the fraction may be missing, and the zone be another ("+01:00"). An error for anything else,
// and outside of 1970 to 2200.
Result<Utc> parse_utc(std::string_view text);

}  // namespace srs::hls
