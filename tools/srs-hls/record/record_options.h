// The options of --record: where recordings go, and how they are named and cut.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/app.h"
#include "core/result.h"
#include "srs-hls/time/utc.h"

namespace srs::hls {

enum class RecordContainer : std::uint8_t { fmp4, flv };

struct RecordSettings {
  std::string directory;  // empty: nothing is recorded
  RecordContainer container = RecordContainer::fmp4;
  std::chrono::milliseconds segment = std::chrono::hours(1);
  std::string name = "%Y-%m-%d_%H-%M-%S";  // strftime(3)
  bool utc = false;                        // or else local time
  std::chrono::milliseconds retry{5'000};  // after a file could not be written
};

void add_record_options(CLI::App& app, RecordSettings& settings);
// Checks the parsed options.
Result<void> finish_record_options(const RecordSettings& settings);

// The pattern filled in: "2026-11-23_08-00-00". It may hold folders.
std::string record_name(const RecordSettings& settings, Utc time);

}  // namespace srs::hls
