// Time-shift: PATH.m3u8?start=... plays from an earlier time.
#pragma once

#include <optional>
#include <string_view>

#include "srs-hls/playlist/playlist.h"

namespace srs::hls {

// Parses `start` of a query: a time ("2026-11-23T08:00:00Z"), or seconds back from now ("-3600", "3600").
// Nothing if there is no start; an error, with advice, if it is neither.
Result<std::optional<Utc>> parse_start(std::string_view query, Utc now);

// Index of the segment that plays at this time: the first one if all are later, the last one if all are
// earlier.
std::size_t first_segment_at(const Playlist& playlist, Utc time);

}  // namespace srs::hls
