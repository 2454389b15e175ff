#include "srs-hls/record/record_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "cli/option_kinds.h"

namespace srs::hls {
namespace {

constexpr std::size_t name_size_max = 200;

// Why a name cannot be that of a file; empty if it can.
std::string name_error(std::string_view name) {
  if (name.empty()) return "names nothing";
  if (name.size() > name_size_max) return "makes names that are too long";
  if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return "makes names with control characters";
  for (std::string_view rest = name;;) {
    const auto end = std::min(rest.find('/'), rest.size());
    if (end == 0) return "has an empty component";
    if (rest.front() == '.') return "makes names that begin with '.'";
    if (end == rest.size()) return "";
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

void add_record_options(CLI::App& app, RecordSettings& settings) {
  cli::add_value(app, "--record", settings.directory, "DIR",
                 "Record each stream into files below DIR; made if missing");
  cli::add_choice(app, "--record-format", settings.container,
                  {{"fmp4", RecordContainer::fmp4}, {"flv", RecordContainer::flv}},
                  "With --record: what the files are");
  cli::add_duration(app, "--record-segment", settings.segment,
                    "With --record: a new file at the first key frame after this much");
  cli::add_value(app, "--record-name", settings.name, "PATTERN",
                 "With --record: names of files, as strftime(3) fills them in");
  cli::add_flag(app, "--record-utc", settings.utc, "With --record: names in UTC, not in local time");
}

Result<void> finish_record_options(const RecordSettings& settings) {
  if (settings.directory.empty()) return {};
  if (settings.segment < std::chrono::seconds(1)) return usage_error("--record-segment: 1s or more");
  const std::string why = name_error(record_name(settings, std::chrono::system_clock::now()));
  if (!why.empty()) return usage_error(fmt::format("--record-name {} {}", settings.name, why));
  return {};
}

std::string record_name(const RecordSettings& settings, Utc time) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  if (settings.utc)
    ::gmtime_r(&seconds, &parts);
  else
    ::localtime_r(&seconds, &parts);
  char name[1024];
  return {name, std::strftime(name, sizeof name, settings.name.c_str(), &parts)};
}

}  // namespace srs::hls
