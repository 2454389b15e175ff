#include "srs-hls/record/record_file.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace srs::hls {
namespace {

// Files of the same name, such as those begun within the same second.
constexpr int names_max = 1'000;

}  // namespace

std::string sidecar_name(const std::string& file) {
  return file.substr(0, file.rfind('.')) + ".json";
}

std::string Sidecar::text() const {
  nlohmann::ordered_json json;
  json["path"] = path;
  json["file"] = file;
  json["start"] = format_utc(start);
  json["end"] = finished ? nlohmann::ordered_json(format_utc(start + duration)) : nlohmann::ordered_json();
  json["duration_s"] = static_cast<double>(duration.count()) / 1'000;
  json["size_bytes"] = size_bytes;
  json["codecs"] = content.codecs;
  if (content.width > 0) {
    json["width"] = content.width;
    json["height"] = content.height;
  }
  json["key_frames"] = key_frames;
  json["finished"] = finished;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<RecordFile> RecordFile::create(const Directory& directory, const std::string& name,
                                      std::string_view suffix) {
  for (int number = 1; number <= names_max; ++number) {
    const std::string base = number == 1 ? name : fmt::format("{}-{}", name, number);
    if (directory.has(base + ".json")) continue;
    std::string file = base + std::string(suffix);
    auto created = directory.create(file);
    if (!created) return std::move(created).error();
    if (*created) return RecordFile(directory, std::move(file), *std::move(*created));
  }
  return Error{Errc::io, fmt::format("cannot write {}/{}{}: {} files have this name", directory.path(), name,
                                     suffix, names_max)};
}

}  // namespace srs::hls
