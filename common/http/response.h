// Response: what a handler answers, and the bytes of its head.
//
// Every answer, errors and redirects too, gets Date, Server and CORS fields: a web player on
// another origin must be able to read why it got nothing. Error bodies are one line of plain
// text that ends in a newline, for people who look with curl.
#pragma once

#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/slice.h"
#include "http/request.h"
#include "net/admission.h"

namespace srs::http {

// Owns a file descriptor.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  int descriptor() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// A part of an open file, sent without reading it whole. The file is assumed not to change: if it shrinks
// while it is sent, the connection ends.
struct FileRegion {
  File file;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
};

// Its bytes, for those who change them before they are sent. Errors: io; too_large: more than max_bytes.
Result<std::string> read_all(const FileRegion& region, std::size_t max_bytes);

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Date, Server, Connection and CORS are added when it is sent
  std::string body;
  std::optional<FileRegion> file;  // instead of body
  std::vector<Slice> pieces;       // instead of body: one after the other, shared and not copied
  bool close = false;              // end the connection after this answer
  bool cross_origin = true;        // a web page of another site may read it (CORS)

  std::uint64_t size_bytes() const;
};

// Lets a handler keep the socket, for an endless body. Once the server has freed all its state of the
// connection, `accept` gets the socket (non-blocking), its ticket, and the head, which it must send first.
// For a HEAD request the server sends the head itself and never calls `accept`.
struct Takeover {
  std::string head;
  std::function<void(asio::ip::tcp::socket socket, net::Ticket ticket, std::string head)> accept;
};

using Answer = std::variant<Response, Takeover>;

// 200 with a body.
Response ok(std::string_view content_type, std::string body);
// An error, one line: error_response(404, "live/x: no such stream"). The newline is added.
Response error_response(int status, std::string_view line);
// 301, 302, 307 or 308. The location is an encoded URL or absolute path.
Response redirect(int status, std::string_view location);
// The answer to OPTIONS, for browsers that ask before a cross-origin request (CORS preflight).
Response preflight();

// "Not Found"
std::string_view reason_phrase(int status);

// The head of an answer with its blank line.
std::string head_of(const Response& response, bool keep_alive, int request_version_minor = 1);

// The head of an endless stream: 200, Connection: close, no length, no cache; the body comes in chunks or as
// it is.
std::string stream_head(std::string_view content_type, bool chunked);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7), and back; nothing if it is no such date.
std::string http_date(std::time_t time);
std::optional<std::time_t> parse_http_date(std::string_view text);

}  // namespace srs::http
