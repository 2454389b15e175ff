#include "srs-bench/figures/report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "srs-bench/figures/cost_report.h"
#include "srs-bench/figures/hls_report.h"

namespace srs::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Rates {
  double min = 0, median = 0, max = 0;
};

Rates rates(const Totals& totals) {
  const auto& all = totals.client_bps;
  if (all.empty()) return {};
  return {all.front(), all[(all.size() - 1) / 2], all.back()};
}

void row(std::string& to, std::string_view label, const std::string& text) {
  to += fmt::format("{:<16} {}\n", label, text);
}

void row(std::string& to, std::string_view label, const Histogram& times) {
  row(to, label, percentiles_text(times));
}

std::string mbits(double bps) {
  return fmt::format("{:.2f} Mbit/s", bps / 1e6);
}

}  // namespace

std::string as_table(const Options& options, const Totals& totals) {
  const bool playing = options.mode == Mode::play;
  std::string table;
  row(table, playing ? "players" : "publishers",
      fmt::format("{} of {} running at the end, {} ended, {} failed, {} without {}", totals.running,
                  totals.requested, totals.ended, totals.failed, totals.without_media,
                  playing ? "media" : "an answer"));
  for (const auto& [cause, count] : totals.failures.causes())
    row(table, "",
        fmt::format("{} failed: {}{}{}", count.clients, cause, count.detail.empty() ? "" : ": ",
                    count.detail));
  for (const auto& [cause, count] : totals.waiting.causes())
    if (!cause.empty())
      row(table, "", fmt::format("{} without {}: {}", count.clients, playing ? "media" : "an answer", cause));
  row(table, "measured", fmt::format("{:.1f} s", totals.measured_seconds));
  const std::string frames =
      fmt::format("{} video frames, {} audio frames", totals.video_frames, totals.audio_frames);
  if (playing)
    row(table, "received", fmt::format("{} bytes, {}", totals.bytes, frames));
  else
    row(table, "sent", fmt::format("{} bytes, {} messages, {}", totals.bytes, totals.messages, frames));
  const Rates each = rates(totals);
  row(table, "rate",
      fmt::format("{} in all, each min {}, median {}, max {}", mbits(totals.total_bps), mbits(each.min),
                  mbits(each.median), mbits(each.max)));
  if (options.hls) {
    row(table, "first byte", totals.first_byte);
    for (const auto& [label, text] : hls_rows(totals)) row(table, label, text);
    row(table, "latency", totals.verified.latency);
    row(table, "stalls", std::to_string(totals.stalls));
  } else if (playing) {
    row(table, "first byte", totals.first_byte);
    row(table, "first frame", totals.first_frame);
    row(table, "first key frame", totals.first_key_frame);
    row(table, "frame gaps", totals.verified.frame_gaps);
    row(table, "latency", totals.verified.latency);
    row(table, "stalls", fmt::format("{} (gaps over 1 s)", totals.stalls));
    row(table, "verified",
        fmt::format("{} players, {} messages, {} out of order, {} timestamp gaps{}", totals.verified.players,
                    totals.verified.messages, totals.verified.out_of_order, totals.verified.timestamp_gaps,
                    totals.compared ? fmt::format(", {} mismatched", totals.verified.mismatched) : ""));
  } else {
    row(table, "accepted after", totals.first_byte);
    row(table, "lateness", totals.lateness);
    row(table, "reconnects", std::to_string(totals.reconnects));
  }
  for (const auto& [label, text] : cost_rows(totals)) row(table, label, text);
  return table;
}

Json as_json(const Options& options, const Totals& totals) {
  const bool playing = options.mode == Mode::play;
  const Rates each = rates(totals);
  Json failures = Json::object();
  Json detail = Json::object();
  for (const auto& [cause, count] : totals.failures.causes()) {
    failures[cause] = count.clients;
    if (!count.detail.empty()) detail[cause] = count.detail;
  }
  Json json = {{"mode", playing ? "play" : "publish"},
               {"url", options.url},
               {"threads", options.threads},
               {"clients",
                {{"requested", totals.requested},
                 {"started", totals.started},
                 {"running", totals.running},
                 {"ended", totals.ended},
                 {"failed", totals.failed},
                 {"without_media", totals.without_media}}},
               {"failures", std::move(failures)},
               {"failure_words", std::move(detail)},
               {"measured_s", std::round(totals.measured_seconds * 1000) / 1000},
               {"bytes", totals.bytes},
               {"messages", playing ? Json(nullptr) : Json(totals.messages)},
               {"frames", {{"video", totals.video_frames}, {"audio", totals.audio_frames}}},
               {"rate_bps",
                {{"total", std::llround(totals.total_bps)},
                 {"min", std::llround(each.min)},
                 {"median", std::llround(each.median)},
                 {"max", std::llround(each.max)}}}};
  if (playing) {
    json["first_byte_ms"] = percentiles_json(totals.first_byte);
    json["first_frame_ms"] = percentiles_json(totals.first_frame);
    json["first_key_frame_ms"] = percentiles_json(totals.first_key_frame);
    json["frame_gap_ms"] = percentiles_json(totals.verified.frame_gaps);
    json["latency_ms"] = percentiles_json(totals.verified.latency);
    json["stalls"] = totals.stalls;
    json["verified"] = {{"players", totals.verified.players},
                        {"messages", totals.verified.messages},
                        {"out_of_order", totals.verified.out_of_order},
                        {"timestamp_gaps", totals.verified.timestamp_gaps},
                        {"mismatched", totals.compared ? Json(totals.verified.mismatched) : Json(nullptr)}};
  } else {
    json["accepted_ms"] = percentiles_json(totals.first_byte);
    json["lateness_ms"] = percentiles_json(totals.lateness);
    json["reconnects"] = totals.reconnects;
  }
  if (playing) json["hls"] = hls_json(totals);
  add_costs(json, totals);
  return json;
}

}  // namespace srs::bench
