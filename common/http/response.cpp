#include "http/response.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace srs::http {
namespace {

constexpr std::string_view methods = "GET, HEAD, OPTIONS";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// A field's value may come from a peer (a redirect's location): it must not start a new line.
void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  const auto start = static_cast<std::ptrdiff_t>(head.size());
  head.append(value);
  std::replace_if(head.begin() + start, head.end(), is_control, ' ');
  head.append("\r\n");
}

void append_common(std::string& head, bool cross_origin) {
  append_field(head, "Date", http_date(std::time(nullptr)));
  append_field(head, "Server", "srs-tools");
  if (cross_origin) append_field(head, "Access-Control-Allow-Origin", "*");
}

std::string status_line(int status) {
  return fmt::format("HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
}

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t Response::size_bytes() const {
  if (file) return file->size_bytes;
  std::uint64_t size = body.size();
  for (const Slice& piece : pieces) size += piece.size();
  return size;
}

Response ok(std::string_view content_type, std::string body) {
  Response response;
  response.headers.add("Content-Type", std::string(content_type));
  response.body = std::move(body);
  return response;
}

Response error_response(int status, std::string_view line) {
  std::string body(line);
  std::replace_if(body.begin(), body.end(), is_control, '?');
  Response response = ok("text/plain; charset=utf-8", body + "\n");
  response.status = status;
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("X-Content-Type-Options", "nosniff");
  if (status == 405) response.headers.add("Allow", std::string(methods));
  return response;
}

Response redirect(int status, std::string_view location) {
  Response response = error_response(status, fmt::format("see {}", location));
  response.headers.add("Location", std::string(location));
  return response;
}

Response preflight() {
  Response response;
  response.status = 204;
  response.headers.add("Allow", std::string(methods));
  response.headers.add("Access-Control-Allow-Methods", std::string(methods));
  response.headers.add("Access-Control-Allow-Headers", "*");
  response.headers.add("Access-Control-Max-Age", "86400");
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string head_of(const Response& response, bool keep_alive, int request_version_minor) {
  std::string head;
  head.reserve(512);
  head += status_line(response.status);
  append_common(head, response.cross_origin);
  for (const auto& [name, value] : response.headers) append_field(head, name, value);
  if (!has_no_body(response.status))
    append_field(head, "Content-Length", std::to_string(response.size_bytes()));
  if (!keep_alive) append_field(head, "Connection", "close");
  if (keep_alive && request_version_minor == 0) append_field(head, "Connection", "keep-alive");
  return head += "\r\n";
}

std::string stream_head(std::string_view content_type) {
  std::string head = status_line(200);
  append_common(head, true);
  append_field(head, "Content-Type", content_type);
  append_field(head, "Cache-Control", "no-cache");
  append_field(head, "Connection", "close");
  return head += "\r\n";
}

}  // namespace srs::http
