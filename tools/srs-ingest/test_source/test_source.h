// The test source: a moving picture with a burnt-in UTC clock and frame number, and a tone,
// encoded in real time as H.264 and AAC. "test:?size=1280x720&rate=30&bitrate=2500k".
//
// The clock in the picture is the wall time at which the frame was sent: comparing it with the time of
// display in a player gives the total delay between them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

struct TestSettings {
  int width = 1280;                  // even
  int height = 720;                  // even
  int rate = 30;                     // frames a second
  std::int64_t bitrate = 2'500'000;  // of the video, bits a second
  std::chrono::milliseconds gop = std::chrono::seconds(2);
  bool video = true;
  bool audio = true;
  int tone_hz = 440;
  std::optional<std::chrono::milliseconds> duration;  // none: until stopped
};

// An error (Errc::usage) names the unknown key and the known ones, or the invalid value.
Result<TestSettings> parse_test_url(const std::string& url);

// A URL that parse_test_url rejects makes run() return its error. The log must outlive the source.
std::unique_ptr<Source> open_test_source(std::string url, const cli::Log& log);

}  // namespace srs::ingest
