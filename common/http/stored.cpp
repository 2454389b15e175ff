#include "http/stored.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/range.h"

namespace srs::http {
namespace {

// If-None-Match compares weakly: W/"x" and "x" are the same (RFC 9110 section 13.1.2).
bool lists_tag(std::string_view field, std::string_view tag) {
  while (!field.empty()) {
    const auto comma = std::min(field.find(','), field.size());
    std::string_view item = field.substr(0, comma);
    field.remove_prefix(std::min(comma + 1, field.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == "*" || item == tag) return true;
  }
  return false;
}

bool unchanged(const Request& request, std::string_view tag, std::optional<std::time_t> modified) {
  if (const std::string* tags = request.headers.find("If-None-Match")) return lists_tag(*tags, tag);
  const auto since = parse_http_date(request.headers.value("If-Modified-Since"));
  return since && modified && *modified <= *since;
}

// If-Range: the range holds only for the very file the client has a part of (RFC 9110 section 13.1.5).
bool wants_range(const Request& request, std::string_view tag, std::optional<std::time_t> modified) {
  if (request.method != "GET" || !request.headers.find("Range")) return false;
  const std::string* condition = request.headers.find("If-Range");
  if (!condition) return true;
  if (condition->starts_with('"')) return *condition == tag;
  return modified && parse_http_date(*condition) == modified;
}

}  // namespace

StoredAnswer answer_stored(const Request& request, const Stored& stored) {
  StoredAnswer answer;
  Response& response = answer.response;
  response.headers.add("ETag", stored.tag);
  if (stored.modified) response.headers.add("Last-Modified", http_date(*stored.modified));
  if (!stored.cache_control.empty()) response.headers.add("Cache-Control", stored.cache_control);
  if (unchanged(request, stored.tag, stored.modified)) {
    response.status = 304;
    return answer;
  }
  RangeRequest range;
  if (wants_range(request, stored.tag, stored.modified))
    range = parse_range(request.headers.value("Range"), stored.size_bytes);
  if (range.kind == RangeRequest::unsatisfiable) {
    response = error_response(
        416, fmt::format("{}: the range is beyond its {} bytes", request.path, stored.size_bytes));
    response.headers.add("Content-Range", fmt::format("bytes */{}", stored.size_bytes));
    return answer;
  }
  response.headers.add("Content-Type", stored.content_type);
  response.headers.add("Accept-Ranges", "bytes");
  answer.has_body = true;
  answer.size_bytes = stored.size_bytes;
  if (range.kind == RangeRequest::whole) return answer;
  response.status = 206;
  response.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                    range.first + range.size_bytes - 1, stored.size_bytes));
  answer.first = range.first;
  answer.size_bytes = range.size_bytes;
  return answer;
}

}  // namespace srs::http
