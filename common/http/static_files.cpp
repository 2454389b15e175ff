#include "http/static_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "http/open_beneath.h"
#include "http/stored.h"

namespace srs::http {
namespace {

std::string etag_of(const struct stat& info) {
  return fmt::format("\"{:x}-{:x}{:08x}\"", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

// The location of a directory's page: the path in URL form, with its '/'. It has no empty component, so it
// cannot turn into "//another-host".
std::string directory_location(const Request& request) {
  std::string location;
  for (const char c : request.path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain)
      location.push_back(c);
    else
      location += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  location.push_back('/');
  return request.query.empty() ? location : location + "?" + request.query;
}

Response not_found(std::string_view path) {
  return error_response(404, fmt::format("{}: no such file", path));
}

// 404 instead of 403: what cannot be read does not exist for clients.
Response cannot_open(std::string_view path, int error) {
  if (error == EMFILE || error == ENFILE || error == ENOMEM)
    return error_response(503, fmt::format("{}: too many open files", path));
  return not_found(path);
}

}  // namespace

bool servable(std::string_view path) {
  if (!path.starts_with('/')) return false;
  for (std::size_t start = 1; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    if (end == start || path[start] == '.') return false;
    start = end + 1;
  }
  return std::none_of(path.begin(), path.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; });
}

std::string_view content_type_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {"m3u8", "application/vnd.apple.mpegurl"},
      {"ts", "video/mp2t"},
      {"mp4", "video/mp4"},
      {"m4s", "video/mp4"},
      {"m4v", "video/mp4"},
      {"m4a", "audio/mp4"},
      {"aac", "audio/aac"},
      {"flv", "video/x-flv"},
      {"mpd", "application/dash+xml"},
      {"vtt", "text/vtt; charset=utf-8"},
      {"html", "text/html; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"json", "application/json"},
      {"txt", "text/plain; charset=utf-8"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"ico", "image/x-icon"},
      {"wasm", "application/wasm"},
  };
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot != name.npos)
    for (const auto& [suffix, type] : types)
      if (equal_without_case(name.substr(dot + 1), suffix)) return type;
  return "application/octet-stream";
}

std::string live_cache_rule(std::string_view path) {
  const bool segment = path.ends_with(".ts") || path.ends_with(".m4s") || path.ends_with(".mp4") ||
                       path.ends_with(".aac") || path.ends_with(".vtt");
  return segment ? "max-age=3600" : "no-cache";
}

Result<StaticFiles> StaticFiles::open(const std::string& directory, CacheRule cache_rule) {
  File file(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!file) return system_error(fmt::format("cannot open {}", directory), errno);
  return StaticFiles(std::move(file), std::move(cache_rule));
}

bool StaticFiles::has(const std::string& path) const {
  return servable("/" + path) && open_beneath(directory_.descriptor(), path);
}

Response StaticFiles::answer(const Request& request) const {
  std::string path = request.path;
  if (path.ends_with('/')) path += "index.html";
  if (!servable(path)) return not_found(request.path);
  File file = open_beneath(directory_.descriptor(), path.substr(1));
  if (!file) return cannot_open(request.path, errno);
  struct stat info {};
  if (::fstat(file.descriptor(), &info) < 0) return not_found(request.path);
  if (S_ISREG(info.st_mode)) return answer_file(request, path, std::move(file));
  // Without its '/' the relative links of a directory's page would lead nowhere.
  if (S_ISDIR(info.st_mode) && open_beneath(directory_.descriptor(), path.substr(1) + "/index.html"))
    return redirect(301, directory_location(request));
  return not_found(request.path);
}

Response StaticFiles::answer_file(const Request& request, const std::string& path, File file) const {
  struct stat info {};
  if (::fstat(file.descriptor(), &info) < 0) return not_found(request.path);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const std::string tag = etag_of(info);
  const Stored stored{tag, info.st_mtim.tv_sec, size, std::string(content_type_of(path)),
                      cache_rule_ ? cache_rule_(path) : ""};
  StoredAnswer answer = answer_stored(request, stored);
  if (answer.has_body) answer.response.file = FileRegion{std::move(file), answer.first, answer.size_bytes};
  return std::move(answer.response);
}

}  // namespace srs::http
