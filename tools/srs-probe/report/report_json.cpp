#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/log.h"
#include "srs-probe/report/report.h"

namespace srs::probe {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(cli::printable(text));
}
Json number_or_null(double number) {
  return number > 0 ? Json(number) : Json(nullptr);
}

double rounded(double value, double steps = 1) {
  return std::round(value * steps) / steps;
}

Json spread(const Spread& spread) {
  if (spread.count() == 0) return nullptr;
  return {{"min", spread.min()}, {"average", rounded(spread.average(), 10)}, {"max", spread.max()}};
}

Json jumps_json(const JumpList& list, const Stream& stream) {
  Json first = Json::array();
  for (const Jump& jump : list.first())
    first.push_back({{"at_ms", jump.at_ms - stream.first_ms()}, {"length_ms", jump.length_ms}});
  const bool any = list.count() > 0;
  return {{"count", list.count()},
          {"largest_ms", list.largest().length_ms},
          {"largest_at_ms", any ? Json(list.largest().at_ms - stream.first_ms()) : Json(nullptr)},
          {"first", std::move(first)}};
}

Json bit_rate(double average_bps, double peak_bps) {
  return {{"average_bps", std::llround(average_bps)}, {"peak_bps", std::llround(peak_bps)}};
}

void add_video(Json& to, const Track& track, const Stream& stream) {
  const TrackDescription& description = track.description();
  to["width"] = number_or_null(description.width);
  to["height"] = number_or_null(description.height);
  to["bit_depth"] = number_or_null(description.bit_depth);
  to["frame_rate"] = {{"measured", rounded(track.frame_rate(), 1000)},
                      {"declared", number_or_null(rounded(stream.declared_frame_rate(track), 1000))}};
  const GopMeter& gops = track.gops();
  to["key_frames"] = gops.key_frames();
  to["gop_frames"] = spread(gops.frames());
  to["gop_ms"] = spread(gops.duration_ms());
  to["longest_without_key_frame_ms"] = gops.longest_without().length_ms;
  to["frames_before_key_frame"] = gops.frames_before_first();
  to["reordered_frames"] = track.reorder().reordered();
  to["composition_offset_ms"] = {{"min", track.reorder().min_offset_ms()},
                                 {"max", track.reorder().max_offset_ms()}};
}

Json track_json(const Track& track, const Stream& stream) {
  const TrackDescription& description = track.description();
  Json json = {
      {"type", track.is_video() ? "video" : "audio"},
      {"id", track.id()},
      {"codec", text_or_null(description.codec)},
      {"codec_string", text_or_null(description.codec_string)},
      {"profile", text_or_null(description.profile)},
      {"level", text_or_null(description.level)},
      {"frames", track.frames()},
      {"bytes", track.rate().bytes()},
      {"duration_ms", std::llround(track.duration_ms())},
      {"bit_rate", bit_rate(track.rate().average_bps(track.duration_ms()), track.rate().peak_bps())}};
  if (track.is_video()) {
    add_video(json, track, stream);
  } else {
    json["sample_rate"] = number_or_null(description.sample_rate);
    json["channels"] = number_or_null(description.channels);
  }
  json["gaps"] = jumps_json(stream.gaps(track), stream);
  json["backward_jumps"] = jumps_json(track.timing().backward(), stream);
  json["sequence_headers"] = track.sequence_headers();
  json["sequence_header_changes"] = track.sequence_header_changes();
  json["in_band_changes"] = track.in_band_changes();
  json["late_ms"] = stream.late_ms(track);
  const auto stopped = stream.stopped(track);
  json["stopped_ms"] = stopped ? Json(stopped->length_ms) : Json(nullptr);
  json["corrupt"] = track.corrupt();
  return json;
}

std::string_view name(StreamEnd end) {
  switch (end) {
    case StreamEnd::open:
      return "open";
    case StreamEnd::ended:
      return "ended";
    case StreamEnd::lost:
      return "lost";
  }
  return "?";
}

Json stream_json(const Report& report, const Stream& stream) {
  const auto faults = find_faults(stream);
  Json findings = Json::array();
  for (const Finding& fault : faults)
    findings.push_back({{"code", fault.code},
                        {"severity", probe::name(fault.severity)},
                        {"text", cli::printable(fault.text)}});
  Json tracks = Json::array();
  for (const Track& track : stream.tracks()) tracks.push_back(track_json(track, stream));
  Json skew = nullptr;
  if (stream.skew().known())
    skew = {{"average", rounded(stream.skew().average_ms(), 10)},
            {"worst", rounded(stream.skew().worst_ms(), 10)},
            {"last", rounded(stream.skew().last_ms(), 10)}};
  return {{"path", text_or_null(stream.info().path)},
          {"origin", text_or_null(stream.info().origin)},
          {"end", name(stream.end())},
          {"verdict", probe::name(verdict(faults))},
          {"findings", std::move(findings)},
          {"first_timestamp_ms", stream.first_ms()},
          {"duration_ms", std::llround(stream.duration_ms())},
          {"bytes", stream.bytes()},
          {"bit_rate", bit_rate(stream.average_bps(), stream.peak_bps())},
          {"first_media_ms", or_null(stream.first_media())},
          {"first_key_frame_ms", or_null(stream.first_key_frame())},
          {"longest_silence_ms", report.live ? Json(stream.longest_silence()) : Json(nullptr)},
          {"av_skew_ms", std::move(skew)},
          {"discontinuities", stream.discontinuities()},
          {"tracks", std::move(tracks)}};
}

}  // namespace

Json as_json(const Report& report) {
  Json streams = Json::array();
  Verdict worst = report.error.empty() && !report.streams->empty() ? Verdict::healthy : Verdict::broken;
  for (const Stream& stream : *report.streams) {
    worst = std::max(worst, verdict(find_faults(stream)));
    streams.push_back(stream_json(report, stream));
  }
  worst = std::max(worst, report.forgotten.worst);
  return {{"type", "report"},
          {"source", cli::printable(report.source)},
          {"live", report.live},
          {"verdict", probe::name(worst)},
          {"error", text_or_null(report.error)},
          {"elapsed_ms", report.elapsed},
          {"bytes", report.bytes > 0 ? Json(report.bytes) : Json(nullptr)},
          {"first_byte_ms", or_null(report.first_byte)},
          {"streams_left_out", report.forgotten.ended + report.forgotten.not_seen},
          {"streams", std::move(streams)}};
}

}  // namespace srs::probe
