#include "http/response.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "http/control.h"

namespace srs::http {
namespace {

constexpr std::string_view methods = "GET, HEAD, OPTIONS";

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

Result<std::string> read_all(const FileRegion& region, std::size_t max_bytes) {
  if (region.size_bytes > max_bytes) return Error{Errc::too_large, "the file is too large"};
  std::string bytes(region.size_bytes, '\0');
  std::size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t size = ::pread(region.file.descriptor(), bytes.data() + read, bytes.size() - read,
                                 static_cast<off_t>(region.offset + read));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("cannot read", errno);
    if (size == 0) break;
    read += static_cast<std::size_t>(size);
  }
  bytes.resize(read);
  return bytes;
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
  response.headers.add("Access-Control-Allow-Headers", "*, Authorization");
  response.headers.add("Access-Control-Max-Age", "86400");
  return response;
}

std::string_view reason_phrase(int status) {
  static constexpr std::pair<int, std::string_view> phrases[] = {
      {200, "OK"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {410, "Gone"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const auto& [code, phrase] : phrases)
    if (code == status) return phrase;
  return "Unknown";
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

std::string stream_head(std::string_view content_type, bool chunked) {
  std::string head = status_line(200);
  append_common(head, true);
  append_field(head, "Content-Type", content_type);
  append_field(head, "Cache-Control", "no-cache");
  if (chunked) append_field(head, "Transfer-Encoding", "chunked");
  append_field(head, "Connection", "close");
  return head += "\r\n";
}

}  // namespace srs::http
