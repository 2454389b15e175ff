#include "srs-ingest/open_source.h"

#include "media/stream_path.h"
#include "net/url.h"
#include "net/url_display.h"
#include "rtmp/auth.h"
#include "srs-ingest/sources/flv_file_source.h"
#include "srs-ingest/sources/http_flv_source.h"
#include "srs-ingest/sources/rtmp_source.h"

namespace srs::ingest {
namespace {

bool is_rtmp(const std::string& argument) {
  return argument.starts_with("rtmp://") || argument.starts_with("rtmps://");
}

bool is_flv_file(const std::string& argument) {
  return argument.ends_with(".flv") && argument.find("://") == argument.npos &&
         !argument.starts_with("test:");
}

bool is_http_flv(const std::string& argument) {
  if (!argument.starts_with("http://") && !argument.starts_with("https://")) return false;
  const auto url = net::parse_url(argument);
  return url && url->path.ends_with(".flv");
}

std::string_view without_suffix(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? name : name.substr(0, dot);
}

// Replaces characters not allowed in a stream path by '_'.
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

bool needs_ffmpeg(const std::string& argument) {
  return argument != "-" && !is_rtmp(argument) && !is_http_flv(argument) && !is_flv_file(argument);
}

Result<std::unique_ptr<Source>> open_source(const std::string& argument, OpenWithFfmpeg open_with_ffmpeg,
                                            const cli::Log& log,
                                            std::shared_ptr<const net::TlsContext> trust) {
  if (needs_ffmpeg(argument)) return open_with_ffmpeg(argument, log);
  if (is_flv_file(argument)) return open_flv_file_source(argument);
  if (is_http_flv(argument)) return open_http_flv_source(argument, std::move(trust));
  const auto url = net::parse_url(argument);
  if (!url) return Error(url.error());
  if (auto known = rtmp::Credentials::of(*url); !known)
    return std::move(known).error().in(net::display_url(*url));
  return open_rtmp_source(argument, std::move(trust));
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
