#include "open_source.h"

#include "ffmpeg_source.h"
#include "flv_file_source.h"
#include "http_flv_source.h"
#include "media/stream_path.h"
#include "net/url.h"
#include "rtmp_source.h"
#include "test_source.h"

namespace srs::ingest {
namespace {

bool is_http_flv(const std::string& argument) {
  if (!argument.starts_with("http://") && !argument.starts_with("https://")) return false;
  const auto url = net::parse_url(argument);
  return url && url->path.ends_with(".flv");
}

std::string_view without_suffix(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? name : name.substr(0, dot);
}

// What a stream path does not take becomes '_'.
std::string make_path(std::string_view text) {
  if (auto path = media::parse_stream_path(text)) return *std::move(path);
  std::string safe;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '/' ||
                       (c == '.' && !safe.empty() && safe.back() != '/');
    safe += plain ? c : '_';
  }
  auto path = media::parse_stream_path(safe);
  return path ? *std::move(path) : "live/stream";
}

}  // namespace

Result<std::unique_ptr<Source>> open_source(const std::string& argument, const cli::Log& log) {
  if (argument.starts_with("test:")) {
    if (auto settings = parse_test_url(argument); !settings) return std::move(settings).error();
    return open_test_source(argument, log);
  }
  if (argument.starts_with("rtmp://") || argument.starts_with("rtmps://")) {
    if (auto url = net::parse_url(argument); !url) return std::move(url).error();
    return open_rtmp_source(argument);
  }
  if (is_http_flv(argument)) return open_http_flv_source(argument);
  if (argument.ends_with(".flv") && argument.find("://") == argument.npos)
    return open_flv_file_source(argument);
  return open_ffmpeg_source(argument, FfmpegOptions{}, log);
}

std::string default_stream_path(const std::string& argument) {
  if (argument == "-") return "live/stdin";
  if (argument.starts_with("test:")) return "live/test";
  const auto scheme_end = argument.find("://");
  if (scheme_end == argument.npos) {
    const auto slash = argument.rfind('/');
    return make_path("live/" +
                     std::string(without_suffix(argument.substr(slash == argument.npos ? 0 : slash + 1))));
  }
  const auto url = net::parse_url(argument);
  if (!url || url->path.size() < 2) return "live/stream";
  const std::string_view path = without_suffix(std::string_view(url->path).substr(1));
  return make_path(path.find('/') == path.npos ? "live/" + std::string(path) : std::string(path));
}

}  // namespace srs::ingest
