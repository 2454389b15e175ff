#include "admin/stream_metrics.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace srs::admin {
namespace {

using Kind = PrometheusText::Kind;

// One metric of a stream; no value: it has no sample.
struct Family {
  const char* name;
  Kind kind;
  const char* help;
  std::optional<double> (*value)(const media::StreamMeter::Figures& figures);
};

constexpr Family families[] = {
    {"srs_stream_received_bytes_total", Kind::counter, "Bytes of media that came in.",
     [](const auto& figures) { return std::optional(static_cast<double>(figures.bytes)); }},
    {"srs_stream_bytes_per_second", Kind::gauge, "Bit rate of the last five seconds, in bytes.",
     [](const auto& figures) { return std::optional(figures.bits_per_second / 8); }},
    {"srs_stream_frames_per_second", Kind::gauge, "Frame rate of the picture, by its timestamps.",
     [](const auto& figures) { return std::optional(figures.frames_per_second); }},
    {"srs_stream_video_frames_total", Kind::counter, "Frames of the picture that came in.",
     [](const auto& figures) { return std::optional(static_cast<double>(figures.video_frames)); }},
    {"srs_stream_audio_frames_total", Kind::counter, "Frames of sound that came in.",
     [](const auto& figures) { return std::optional(static_cast<double>(figures.audio_frames)); }},
    {"srs_stream_gop_seconds", Kind::gauge, "Time between the newest two key frames.",
     [](const auto& figures) { return figures.gop_seconds; }},
    {"srs_stream_key_frame_age_seconds", Kind::gauge, "Time since the newest key frame came.",
     [](const auto& figures) { return figures.key_frame_age_seconds; }},
    {"srs_stream_av_skew_seconds", Kind::gauge, "How far the newest picture is ahead of the newest sound.",
     [](const auto& figures) { return figures.skew_seconds; }},
    {"srs_stream_discontinuities_total", Kind::counter,
     "Seams: the source was lost and back, or its clock jumped.",
     [](const auto& figures) { return std::optional(static_cast<double>(figures.discontinuities)); }},
};

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

}  // namespace

void measure_streams(const std::vector<MeteredStream>& streams, PrometheusText& text) {
  text.single("srs_streams", Kind::gauge, "Streams that there are now.", static_cast<double>(streams.size()));
  for (const Family& family : families) {
    text.family(family.name, family.kind, family.help);
    for (const MeteredStream& stream : streams)
      if (const auto value = family.value(stream.figures))
        text.sample({{"stream", stream.info.path}}, *value);
  }
}

nlohmann::json describe_stream(const MeteredStream& stream) {
  const auto& figures = stream.figures;
  nlohmann::json json = {{"stream", stream.info.path},
                         {"origin", stream.info.origin},
                         {"via", stream.info.via},
                         {"since", utc_text(stream.since)},
                         {"video", stream.video},
                         {"audio", stream.audio},
                         {"received_bytes", figures.bytes},
                         {"bits_per_second", std::round(figures.bits_per_second)},
                         {"frames_per_second", rounded(figures.frames_per_second)},
                         {"discontinuities", figures.discontinuities}};
  const auto set = [&](const char* name, const std::optional<double>& value) {
    json[name] = value ? nlohmann::json(rounded(*value)) : nlohmann::json();
  };
  set("gop_seconds", figures.gop_seconds);
  set("key_frame_age_seconds", figures.key_frame_age_seconds);
  set("av_skew_seconds", figures.skew_seconds);
  return json;
}

std::string utc_text(std::chrono::steady_clock::time_point time) {
  const auto utc = std::chrono::system_clock::now() - (std::chrono::steady_clock::now() - time);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(utc.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)), milliseconds % 1000);
}

}  // namespace srs::admin
