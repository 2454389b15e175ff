// Request: one HTTP/1.x request (RFC 9112), and the parser that makes it from bytes.
//
// The parser does no I/O: it consumes bytes as they arrive, returns how many belong to the request and stops
// there, so that a pipelined request stays with the caller. Bodies are counted and discarded; no tool uses
// one.
//
// Everything that a peer may do wrong is an Error with the status of its answer.
#pragma once

#include <http_parser.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "http/head_scan.h"

namespace srs::http {

// Header fields in the order they came. Names are compared without case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of this name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  // The first field of this name; null if there is none.
  const std::string* find(std::string_view name) const;
  // The first field of this name, or an empty string.
  std::string_view value(std::string_view name) const;
  std::size_t count(std::string_view name) const;

  std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
  std::vector<Field>::const_iterator end() const { return fields_.end(); }
  std::vector<Field>& fields() { return fields_; }

 private:
  std::vector<Field> fields_;
};

bool equal_without_case(std::string_view a, std::string_view b);

struct Request {
  std::string method;  // "GET"
  std::string target;  // as it was sent
  // Percent-decoded, from '/' on ("*" for OPTIONS *). Holds no NUL, no control character, no backslash
  // and no component "." or ".."; it may hold empty components.
  std::string path;
  std::string query;      // without '?', not decoded: see net::query_value
  std::string authority;  // the host addressed, "host:port": from an absolute target, else from Host
  Headers headers;
  int version_minor = 1;  // of HTTP/1.x
  bool keep_alive = true;
  std::string remote_address;  // "127.0.0.1:50123"

  bool is_head() const { return method == "HEAD"; }
};

// raw_path is without the query. Errors: broken escapes, NUL, control characters, backslashes, "..".
Result<std::string> decode_path(std::string_view raw_path);

struct RequestLimits {
  std::size_t head_bytes = 16 * 1024;
  std::size_t body_bytes = 64 * 1024;
};

class RequestParser {
 public:
  explicit RequestParser(RequestLimits limits = {});

  // Consumes the next bytes of the request and returns how many belong to it: all of them, unless it is
  // complete now. An error is final: answer error_status() and close.
  Result<std::size_t> feed(std::string_view bytes);

  // True from the first byte of a request on.
  bool started() const { return fed_bytes_ > 0; }
  bool whole() const { return whole_; }
  // True once for each request whose client waits for permission to send its body (Expect: 100-continue).
  bool consume_expectation() { return std::exchange(expects_continue_, false); }
  // Returns the complete request; the parser then starts anew.
  Request release();
  // 400, 405, 413, 414, 417, 431, 501 or 505.
  int error_status() const { return error_status_; }

 private:
  static const http_parser_settings& callbacks();
  static RequestParser& of(http_parser* parser) { return *static_cast<RequestParser*>(parser->data); }
  int on_header_field(std::string_view bytes);
  int on_header_value(std::string_view bytes);
  int on_head();
  int on_chunk(std::uint64_t size_bytes);
  int check_framing();
  int check_host();
  int fail(int status, Errc code, std::string message);
  Result<void> read_target();
  Error parser_error();
  void restart();

  RequestLimits limits_;
  http_parser parser_;
  HeadScan scan_;
  Request request_;
  bool expects_continue_ = false;
  bool last_was_value_ = false;
  bool head_done_ = false;
  bool whole_ = false;
  std::size_t fed_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  int error_status_ = 0;
  std::optional<Error> error_;
};

}  // namespace srs::http
