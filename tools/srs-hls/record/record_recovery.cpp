#include "srs-hls/record/record_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "srs-hls/time/utc.h"

namespace srs::hls {
namespace {

using Json = nlohmann::ordered_json;

// The newest names of the stream: the interrupted recording is among them.
constexpr std::size_t scanned_max = 32;
constexpr std::size_t sidecar_bytes_max = 64 * 1024;
// A pattern of names may hold folders.
constexpr int folders_max = 4;
constexpr std::size_t newest_folders = 2;

void recover(const Directory& directory, const std::string& name, const std::string& path,
             const cli::Log& log) {
  const auto text = directory.read(name, sidecar_bytes_max);
  if (!text) return;
  Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || json.value("finished", Json()) != Json(false) ||
      json.value("path", Json()) != Json(path))
    return;
  const bool flv =
      json.value("file", Json()).is_string() && json["file"].get<std::string>().ends_with(".flv");
  const std::string recording = name.substr(0, name.rfind('.')) + (flv ? ".flv" : ".mp4");
  auto file = directory.reopen(recording);
  if (!file) return log.warning("{}: a recording was not finished: {}", path, file.error().message);
  if (!file->lock()) return;
  const auto scanned = flv ? scan_flv(*file) : scan_fmp4(*file);
  if (!scanned)
    return log.warning("{}: {}/{}: {}", path, directory.path(), recording, scanned.error().message);
  if (scanned->whole_bytes < file->size_bytes() && scanned->whole_bytes > 0)
    (void)file->truncate(scanned->whole_bytes).ok();
  if (scanned->head) (void)file->overwrite(scanned->head->offset, scanned->head->bytes).ok();
  const auto start =
      parse_utc(json.value("start", Json()).is_string() ? json["start"].get<std::string>() : "");
  if (start) json["end"] = format_utc(*start + scanned->duration);
  json["duration_s"] = static_cast<double>(scanned->duration.count()) / 1'000;
  json["size_bytes"] = file->size_bytes();
  json["key_frames"] = scanned->key_frames;
  json["finished"] = true;
  json["recovered"] = true;
  const std::string now = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  const auto written =
      directory.write(name, Bytes(reinterpret_cast<const std::uint8_t*>(now.data()), now.size()));
  if (!written) return log.warning("{}: {}", path, written.error().message);
  log.info("{}: {}/{} was not finished by an earlier run; it has {:.1f} s", path, directory.path(), recording,
           static_cast<double>(scanned->duration.count()) / 1'000);
}

void recover_folder(const Directory& directory, const std::string& folder, const std::string& path, int depth,
                    std::size_t& left, const cli::Log& log) {
  std::vector<std::string> names = directory.list(folder);
  std::sort(names.begin(), names.end(), std::greater<>());
  std::size_t folders = 0;
  for (const std::string& name : names) {
    const std::string inside = folder + "/" + name;
    if (name.ends_with(".json")) {
      if (left == 0) return;
      --left;
      recover(directory, inside, path, log);
    } else if (depth > 0 && !name.starts_with('.') && !name.ends_with(".mp4") && !name.ends_with(".flv") &&
               folders++ < newest_folders) {
      recover_folder(directory, inside, path, depth - 1, left, log);
    }
  }
}

}  // namespace

void recover_recordings(const Directory& directory, const std::string& path, const cli::Log& log) {
  std::size_t left = scanned_max;
  recover_folder(directory, path, path, folders_max, left, log);
}

}  // namespace srs::hls
