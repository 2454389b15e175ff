#include "srs-bench/figures/hls_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace srs::bench {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(Microseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

std::string errors_text(const HlsFigures& hls) {
  std::string text;
  for (const auto& [what, count] : hls.errors)
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", count, what);
  return text.empty() ? "none" : text;
}

}  // namespace

std::string percentiles_text(const Histogram& times) {
  if (times.count() == 0) return "-";
  const auto at = [&](double share) { return milliseconds(times.percentile(share)); };
  return fmt::format("p50 {:.1f}  p90 {:.1f}  p99 {:.1f}  max {:.1f} ms  ({})", at(0.5), at(0.9), at(0.99),
                     milliseconds(times.max()), times.count());
}

Json percentiles_json(const Histogram& times) {
  if (times.count() == 0) return nullptr;
  return {{"p50", milliseconds(times.percentile(0.5))},
          {"p90", milliseconds(times.percentile(0.9))},
          {"p99", milliseconds(times.percentile(0.99))},
          {"max", milliseconds(times.max())},
          {"count", times.count()}};
}

std::vector<std::pair<std::string, std::string>> hls_rows(const Totals& totals) {
  const HlsFigures& hls = totals.hls;
  if (hls.players == 0) return {};
  return {
      {"hls", fmt::format("{} players, {} of them Low-Latency; {} playlists, {} segments, {} parts",
                          hls.players, hls.low_latency, hls.playlists, hls.segments, hls.parts)},
      {"start-up", percentiles_text(hls.startup)},
      {"playing after", percentiles_text(hls.playing)},
      {"playlists", percentiles_text(hls.playlist)},
      {"held back", percentiles_text(hls.blocked)},
      {"delivery", percentiles_text(totals.deliveries.delay)},
      {"spread", percentiles_text(totals.deliveries.spread)},
      {"stood still",
       fmt::format("{} players; each in all: {}", hls.stalled_players, percentiles_text(hls.stalled))},
      {"errors", errors_text(hls)},
      {"continuity", fmt::format("{} missed, {} playlists with lower numbers, {} hints in vain", hls.missed,
                                 hls.back_steps, hls.unused_hints)},
  };
}

Json hls_json(const Totals& totals) {
  const HlsFigures& hls = totals.hls;
  if (hls.players == 0) return nullptr;
  Json errors = Json::object();
  for (const auto& [what, count] : hls.errors) errors[what] = count;
  return {{"players", hls.players},
          {"low_latency_players", hls.low_latency},
          {"playlists", hls.playlists},
          {"segments", hls.segments},
          {"parts", hls.parts},
          {"startup_ms", percentiles_json(hls.startup)},
          {"playing_ms", percentiles_json(hls.playing)},
          {"playlist_ms", percentiles_json(hls.playlist)},
          {"blocked_playlist_ms", percentiles_json(hls.blocked)},
          {"delivery_ms", percentiles_json(totals.deliveries.delay)},
          {"spread_ms", percentiles_json(totals.deliveries.spread)},
          {"stalled_players", hls.stalled_players},
          {"stalled_ms", percentiles_json(hls.stalled)},
          {"errors", std::move(errors)},
          {"missed", hls.missed},
          {"lower_numbers", hls.back_steps},
          {"unused_hints", hls.unused_hints}};
}

}  // namespace srs::bench
