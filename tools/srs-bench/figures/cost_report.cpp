#include "srs-bench/figures/cost_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace srs::bench {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double number, double steps) {
  return std::round(number * steps) / steps;
}

// Null if there were no bytes.
Json per_gb(double seconds, const Totals& totals) {
  if (totals.measured_bytes == 0) return nullptr;
  return rounded(seconds / (static_cast<double>(totals.measured_bytes) / 1e9), 1e6);
}

Json growth_per_client(std::uint64_t before, std::uint64_t after, const Totals& totals) {
  if (totals.running == 0) return nullptr;
  const auto growth = static_cast<double>(after) - static_cast<double>(before);
  return std::llround(growth / static_cast<double>(totals.running));
}

std::string cpu_text(double seconds, const Totals& totals) {
  const Json cost = per_gb(seconds, totals);
  return fmt::format("{:.2f} s of CPU", seconds) +
         (cost.is_null() ? "" : fmt::format(", {:.3f} s/GB", cost.get<double>()));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> cost_rows(const Totals& totals) {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.emplace_back("srs-bench itself", cpu_text(totals.costs.client_cpu_seconds, totals));
  if (!totals.costs.server) return rows;
  const ServerCosts& server = *totals.costs.server;
  const auto megabytes = [](std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; };
  const Json each =
      growth_per_client(server.memory_before.private_bytes, server.memory.private_bytes, totals);
  rows.emplace_back("server",
                    cpu_text(server.cpu_seconds, totals) + fmt::format(", {} threads", server.threads));
  rows.emplace_back("server memory",
                    fmt::format("{:.1f} MB, {:.1f} MB of it private{}", megabytes(server.memory.rss_bytes),
                                megabytes(server.memory.private_bytes),
                                each.is_null() ? "" : fmt::format(", {} bytes a client", each.dump())));
  return rows;
}

void add_costs(Json& json, const Totals& totals) {
  const auto cpu = [&](double seconds) {
    return Json{{"cpu_seconds", rounded(seconds, 1e6)}, {"cpu_seconds_per_gb", per_gb(seconds, totals)}};
  };
  json["client"] = cpu(totals.costs.client_cpu_seconds);
  json["server"] = nullptr;
  if (!totals.costs.server) return;
  const ServerCosts& server = *totals.costs.server;
  const ProcessMemory& before = server.memory_before;
  Json& to = json["server"] = cpu(server.cpu_seconds);
  to["rss_bytes"] = server.memory.rss_bytes;
  to["private_bytes"] = server.memory.private_bytes;
  to["rss_bytes_per_player"] = growth_per_client(before.rss_bytes, server.memory.rss_bytes, totals);
  to["private_bytes_per_player"] =
      growth_per_client(before.private_bytes, server.memory.private_bytes, totals);
  to["threads"] = server.threads;
}

}  // namespace srs::bench
