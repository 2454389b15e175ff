// Stored: answers about content that does not change under its name: validators (RFC 9110 section 13), ranges
// (section 14) and cache fields, for bytes in a file or in memory.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "http/request.h"
#include "http/response.h"

namespace srs::http {

struct Stored {
  std::string tag;                      // a strong ETag with its quotes
  std::optional<std::time_t> modified;  // none: only the tag tells versions apart
  std::uint64_t size_bytes = 0;
  std::string content_type;
  std::string cache_control;  // empty: no such field
};

struct StoredAnswer {
  Response response;      // without its body
  bool has_body = false;  // the caller adds size_bytes from `first` on
  std::uint64_t first = 0;
  std::uint64_t size_bytes = 0;
};

// For GET and HEAD: 200, 206, 304 or 416.
StoredAnswer answer_stored(const Request& request, const Stored& stored);

}  // namespace srs::http
