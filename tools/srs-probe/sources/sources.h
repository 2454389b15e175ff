// The sources of a probe. Each function feeds the session until the source ends, fails, or the session has
// enough; an Error is the source's failure, without its name. stream: the name for a stream without one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/url.h"
#include "srs-probe/session/session.h"

namespace srs::probe {

// FLV from a descriptor; with pass also copied byte for byte to stdout, before the analysis. Without pass,
// raw H.264 or HEVC (Annex B) as well.
Result<void> read_pipe(Session& session, int fd, bool pass, const std::string& stream);
// FLV over HTTP(S), by libcurl.
Result<void> read_http_flv(Session& session, const std::string& url, const std::string& stream);
Result<void> read_rtmp(Session& session, const net::Url& url);
// Anything that FFmpeg opens; packets, not pictures.
Result<void> read_ffmpeg(Session& session, const std::string& url, const std::string& stream);
// The same from a descriptor, of which `begin` has already been read.
Result<void> read_ffmpeg(Session& session, int fd, std::vector<std::uint8_t> begin,
                         const std::string& stream);

// How often a source that has nothing to read looks whether the session has ended, in milliseconds.
inline constexpr int tick_ms = 100;

struct SourceKind {
  enum Kind { pipe, http_flv, rtmp, ffmpeg } kind = pipe;
  bool live = false;
  std::string display;  // for people, without password
  // The name for a stream without one: a file's name, the path of a URL.
  std::string stream;
};

SourceKind source_kind(const std::string& source);
// Opens and reads `source` according to its kind.
Result<void> read_source(Session& session, const SourceKind& kind, const std::string& source);

}  // namespace srs::probe
