// The metrics of streams that all tools have, from their meters.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "admin/prometheus_text.h"
#include "media/stream_info.h"
#include "media/stream_meter.h"

namespace srs::admin {

// An incoming stream.
struct MeteredStream {
  media::StreamInfo info;
  media::StreamMeter::Figures figures;
  std::string video, audio;  // in words: "H.264 High 1280x720"
  std::chrono::steady_clock::time_point since{};
};

void measure_streams(const std::vector<MeteredStream>& streams, PrometheusText& text);
nlohmann::json describe_stream(const MeteredStream& stream);

// A past point in time as RFC 3339, in UTC with milliseconds.
std::string utc_text(std::chrono::steady_clock::time_point time);

}  // namespace srs::admin
