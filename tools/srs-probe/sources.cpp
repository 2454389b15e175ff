#include "sources.h"

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

Result<void> read_file(Session& session, const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{Errc::io, std::strerror(errno)};
  auto outcome = read_pipe(session, fd, false);
  ::close(fd);
  return outcome;
}

}  // namespace

SourceKind source_kind(const std::string& source) {
  if (source == "-") return {SourceKind::pipe, false, "stdin"};
  if (source.find("://") == source.npos)
    return {is_flv_file(source) ? SourceKind::pipe : SourceKind::ffmpeg, false, source};
  const auto url = net::parse_url(source);
  if (!url) return {SourceKind::ffmpeg, !source.starts_with("file:"), net::display_url(source)};
  const std::string shown = net::display_url(*url);
  if (url->scheme == "rtmp" || url->scheme == "rtmps") return {SourceKind::rtmp, true, shown};
  const bool http = url->scheme == "http" || url->scheme == "https";
  if (http && url->path.ends_with(".flv")) return {SourceKind::http_flv, true, shown};
  return {SourceKind::ffmpeg, url->scheme != "file", shown};
}

Result<void> read_source(Session& session, const SourceKind& kind, const std::string& source) {
  switch (kind.kind) {
    case SourceKind::pipe:
      return source == "-" ? read_pipe(session, STDIN_FILENO, session.options().pass)
                           : read_file(session, source);
    case SourceKind::http_flv:
      return read_http_flv(session, source);
    case SourceKind::ffmpeg:
      return read_ffmpeg(session, source);
    case SourceKind::rtmp:
      break;
  }
  auto url = net::parse_url(source);
  if (!url) return std::move(url).error();
  return read_rtmp(session, *url);
}

}  // namespace srs::probe
