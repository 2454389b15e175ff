#include "srs-probe/sources/sources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/url_display.h"

namespace srs::probe {
namespace {

// FLV by name or by signature; a named pipe (`<(command)`) can only be FLV.
bool is_flv_file(const std::string& path) {
  if (path.ends_with(".flv")) return true;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  if (S_ISFIFO(status.st_mode)) return true;
  if (!S_ISREG(status.st_mode)) return false;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char signature[4] = {};
  const bool is_flv =
      ::read(fd, signature, sizeof signature) == sizeof signature && std::memcmp(signature, "FLV\1", 4) == 0;
  ::close(fd);
  return is_flv;
}

std::string file_name(const std::string& path) {
  const auto slash = path.find_last_of('/', path.find_last_not_of('/'));
  return slash == path.npos ? path : path.substr(slash + 1);
}

// "live/cam1" for rtmp://HOST/live/cam1 and http://HOST/live/cam1.flv; "live/cam1.m3u8" for HLS.
std::string path_of(const net::Url& url, bool is_flv) {
  std::string path = url.path.substr(url.path.starts_with('/') ? 1 : 0);
  if (is_flv) path.resize(path.size() - std::string_view(".flv").size());
  return path.empty() ? url.authority() : path;
}

Result<void> read_file(Session& session, const std::string& path, const std::string& stream) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{Errc::io, std::strerror(errno)};
  auto outcome = read_pipe(session, fd, false, stream);
  ::close(fd);
  return outcome;
}

}  // namespace

SourceKind source_kind(const std::string& source) {
  if (source == "-") return {SourceKind::pipe, false, "stdin", "live/stdin"};
  if (source.find("://") == source.npos)
    return {is_flv_file(source) ? SourceKind::pipe : SourceKind::ffmpeg, false, source, file_name(source)};
  const auto url = net::parse_url(source);
  if (!url) {
    const std::string shown = net::display_url(source);
    return {SourceKind::ffmpeg, !source.starts_with("file:"), shown, shown};
  }
  const std::string shown = net::display_url(*url);
  if (url->scheme == "file") return {SourceKind::ffmpeg, false, shown, file_name(url->path)};
  if (url->scheme == "rtmp" || url->scheme == "rtmps")
    return {SourceKind::rtmp, true, shown, path_of(*url, false)};
  const bool is_flv = (url->scheme == "http" || url->scheme == "https") && url->path.ends_with(".flv");
  return {is_flv ? SourceKind::http_flv : SourceKind::ffmpeg, true, shown, path_of(*url, is_flv)};
}

Result<void> read_source(Session& session, const SourceKind& kind, const std::string& source) {
  switch (kind.kind) {
    case SourceKind::pipe:
      return source == "-" ? read_pipe(session, STDIN_FILENO, session.options().pass, kind.stream)
                           : read_file(session, source, kind.stream);
    case SourceKind::http_flv:
      return read_http_flv(session, source, kind.stream);
    case SourceKind::ffmpeg:
      return read_ffmpeg(session, source, kind.stream);
    case SourceKind::rtmp:
      break;
  }
  auto url = net::parse_url(source);
  if (!url) return std::move(url).error();
  return read_rtmp(session, *url);
}

}  // namespace srs::probe
