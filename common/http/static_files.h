// StaticFiles: a directory over HTTP (RFC 9110: conditional requests and ranges).
//
//     http::StaticFiles files = *http::StaticFiles::open("www", {});
//     http::Response response = files.answer(request);
//
// A served name has no empty component and none that starts with '.', so clients see neither hidden nor
// temporary files (".x.ts.tmp"). Files are opened relative to the directory's descriptor, and no symbolic
// link leads out of it: openat2 with RESOLVE_BENEATH, or, on kernels without it, component by component
// without following any link.
//
// A directory is its index.html or else 404; there are no listings. Answers are synchronous:
// opening a file does not wait for the network. Compression is not done here; an Accept-Encoding
// variant of playlists would choose another file in answer(), and add Vary.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/request.h"
#include "http/response.h"

namespace srs::http {

// The value of Cache-Control for a path ("/live/x-12.ts"); empty for no such field.
using CacheRule = std::function<std::string(std::string_view path)>;

// Playlists and pages: no-cache (asked for again each time, answered by 304 while they are the same);
// segments, whose names are never used again: max-age=3600.
std::string live_cache_rule(std::string_view path);

// By suffix; application/octet-stream for what is not known.
std::string_view content_type_of(std::string_view path);

class StaticFiles {
 public:
  static Result<StaticFiles> open(const std::string& directory, CacheRule cache_rule = live_cache_rule);

  // Whether there is a file of this path ("live/x.m3u8").
  bool has(const std::string& path) const;
  // For GET and HEAD.
  Response answer(const Request& request) const;

 private:
  StaticFiles(File directory, CacheRule cache_rule)
      : directory_(std::move(directory)), cache_rule_(std::move(cache_rule)) {}

  Response answer_file(const Request& request, const std::string& path, File file) const;

  File directory_;
  CacheRule cache_rule_;
};

// A path below the directory that has no hidden, empty or upward component ("/live/x.m3u8").
bool servable(std::string_view path);

}  // namespace srs::http
