// Durations and sizes as people write them, in options, URLs and log lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/result.h"

namespace srs::cli {

// "350ms", "5s", "1.5s", "2m", "1h"; a bare number is seconds.
Result<std::chrono::milliseconds> parse_duration(const std::string& text);
// "64k", "8M", "1G" (powers of 1024), with or without "B"/"iB"; a bare number is bytes.
Result<std::uint64_t> parse_size(const std::string& text);

// "350ms", "5s", "1.5s", "5m", "1h": as parse_duration reads it, in the largest unit that is exact.
std::string format_duration(std::chrono::milliseconds duration);
// "64MiB", "1000": as parse_size reads it, likewise.
std::string format_size(std::uint64_t bytes);

}  // namespace srs::cli
