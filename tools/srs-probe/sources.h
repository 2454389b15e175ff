// Where a probe reads from. Each function feeds the session until the source ends, fails, or the session
// has enough; an Error is the source's failure, without its name.
#pragma once

#include <string>

#include "net/url.h"
#include "session.h"

namespace srs::probe {

// FLV from a descriptor; with pass also byte for byte to stdout, media before analysis.
Result<void> read_pipe(Session& session, int fd, bool pass);
// FLV over HTTP(S), by libcurl.
Result<void> read_http_flv(Session& session, const std::string& url);
Result<void> read_rtmp(Session& session, const net::Url& url);
// Anything that FFmpeg opens; packets, not pictures.
Result<void> read_ffmpeg(Session& session, const std::string& url);

struct SourceKind {
  enum Kind { pipe, http_flv, rtmp, ffmpeg } kind = pipe;
  bool live = false;
  std::string display;  // for people: no password in it
};

SourceKind source_kind(const std::string& source);
// Opens and reads `source` as what it is.
Result<void> read_source(Session& session, const SourceKind& kind, const std::string& source);

}  // namespace srs::probe
