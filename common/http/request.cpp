#include "http/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "http/control.h"
#include "net/url.h"

namespace srs::http {
namespace {

// More fields than any client sends; without it, 16 KiB of ":\n" would become many strings.
constexpr std::size_t max_fields = 128;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The two parts of http://host/path?query (RFC 9112 section 3.2.2: servers take the absolute form too); any
// other target is a path alone.
struct Target {
  std::optional<std::string_view> authority;
  std::string_view path_and_query;
};
Target split_target(std::string_view target) {
  const auto scheme_end = target.find("://");
  if (target.starts_with('/') || scheme_end == target.npos) return {std::nullopt, target};
  const auto start = scheme_end + 3;
  const auto path = std::min(target.find_first_of("/?", start), target.size());
  return {target.substr(start, path - start), path == target.size() ? "/" : target.substr(path)};
}

// host, host:port, [v6], [v6]:port (RFC 3986 section 3.2, without user). May be empty, as the field may be.
bool is_authority(std::string_view text) {
  std::string_view host = text.substr(0, text.starts_with('[') ? text.find(']') : text.find(':'));
  std::string_view port = text.substr(host.size());
  if (host.starts_with('[')) {
    if (!port.starts_with(']') || host.size() < 3) return false;
    host.remove_prefix(1);
    port.remove_prefix(1);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.") != host.npos) return false;
  }
  const auto in_name = [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("-._~%!$&'()*+,;=:").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!std::all_of(host.begin(), host.end(), in_name)) return false;
  if (port.empty()) return true;
  return port.front() == ':' && port.size() <= 6 &&
         port.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool has_dot_component(std::string_view path) {
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const std::string_view component = path.substr(start, end - start);
    if (component == "." || component == "..") return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equal_without_case(field.first, name); });
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(name, std::move(value));
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_)
    if (equal_without_case(field, name)) return &value;
  return nullptr;
}

std::string_view Headers::value(std::string_view name) const {
  const std::string* found = find(name);
  return found ? std::string_view(*found) : std::string_view();
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), [&](const Field& field) {
    return equal_without_case(field.first, name);
  }));
}

Result<std::string> decode_path(std::string_view raw_path) {
  auto path = net::percent_decode(raw_path);
  if (!path) return std::move(path).error().in("the path");
  if (!path->starts_with('/')) return Error{Errc::invalid_data, "the path does not start with '/'"};
  if (std::any_of(path->begin(), path->end(), [](char c) { return is_control(c) || c == '\\'; }))
    return Error{Errc::invalid_data, "the path holds control characters or backslashes"};
  if (has_dot_component(*path)) return Error{Errc::invalid_data, "the path holds '.' or '..'"};
  return path;
}

RequestParser::RequestParser(RequestLimits limits) : limits_(limits) {
  restart();
}

void RequestParser::restart() {
  http_parser_init(&parser_, HTTP_REQUEST);
  scan_ = {};
  request_ = {};
  expects_continue_ = false;
  last_was_value_ = head_done_ = whole_ = false;
  fed_bytes_ = body_bytes_ = 0;
}

const http_parser_settings& RequestParser::callbacks() {
  static const http_parser_settings settings = [] {
    http_parser_settings s;
    http_parser_settings_init(&s);
    s.on_url = [](http_parser* p, const char* at, std::size_t size) {
      of(p).request_.target.append(at, size);
      return 0;
    };
    s.on_header_field = [](http_parser* p, const char* at, std::size_t size) {
      return of(p).on_header_field({at, size});
    };
    s.on_header_value = [](http_parser* p, const char* at, std::size_t size) {
      return of(p).on_header_value({at, size});
    };
    s.on_headers_complete = [](http_parser* p) { return of(p).on_head(); };
    // A chunk announces its size here: one that is too large is refused before it comes.
    s.on_chunk_header = [](http_parser* p) { return of(p).on_chunk(p->content_length); };
    s.on_message_complete = [](http_parser* p) {
      of(p).whole_ = true;
      of(p).request_.keep_alive = http_should_keep_alive(p) != 0;
      http_parser_pause(p, 1);  // what follows is the next request
      return 0;
    };
    return s;
  }();
  return settings;
}

// Names and values come in pieces: a name that follows a value begins a new field.
int RequestParser::on_header_field(std::string_view bytes) {
  if (head_done_) return 0;  // trailers of a body
  auto& fields = request_.headers.fields();
  if (fields.empty() || last_was_value_) {
    if (fields.size() == max_fields) return fail(431, Errc::too_large, "too many header fields");
    fields.emplace_back();
  }
  fields.back().first.append(bytes);
  last_was_value_ = false;
  return 0;
}

int RequestParser::on_header_value(std::string_view bytes) {
  if (head_done_) return 0;
  request_.headers.fields().back().second.append(bytes);
  last_was_value_ = true;
  return 0;
}

int RequestParser::on_head() {
  head_done_ = true;
  request_.method = http_method_str(static_cast<http_method>(parser_.method));
  request_.version_minor = parser_.http_minor;
  for (auto& [name, value] : request_.headers.fields()) {
    // Debian's parser is built without its strict mode. "Content-Length : 5" is a way to smuggle
    // a request past a proxy that reads it differently (RFC 9112 section 5.1).
    if (name.find(' ') != name.npos) return fail(400, Errc::invalid_data, "white space in a field's name");
    value.erase(value.find_last_not_of(" \t") + 1);
  }
  if (parser_.http_major != 1)
    return fail(505, Errc::unsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (parser_.method == HTTP_CONNECT) return fail(405, Errc::unsupported, "this is no proxy");
  if (const int failed = check_framing(); failed != 0) return failed;
  // Without F_CONTENTLENGTH it means "unknown", and is its largest value.
  if ((parser_.flags & F_CONTENTLENGTH) && parser_.content_length > limits_.body_bytes)
    return fail(413, Errc::too_large, "the request's body is too large");
  if (auto target = read_target(); !target) return fail(400, Errc::invalid_data, target.error().message);
  return check_host();
}

// The length of the body must be beyond doubt (RFC 9112 section 6): two programs that disagree take different
// bytes for the next request.
int RequestParser::check_framing() {
  const Headers& headers = request_.headers;
  const std::size_t codings = headers.count("Transfer-Encoding");
  const std::size_t lengths = headers.count("Content-Length");
  if (codings + lengths > 1 || (codings > 0 && request_.version_minor == 0))
    return fail(400, Errc::invalid_data, "the length of the body is ambiguous");
  if (codings > 0 && !equal_without_case(headers.value("Transfer-Encoding"), "chunked"))
    return fail(501, Errc::unsupported, "a body may be chunked, and nothing else");
  const std::string* const expected = headers.find("Expect");
  if (expected == nullptr || request_.version_minor == 0) return 0;
  if (!equal_without_case(*expected, "100-continue"))
    return fail(417, Errc::unsupported, "only 100-continue can be expected");
  expects_continue_ = codings > 0 || (lengths > 0 && parser_.content_length > 0);
  return 0;
}

int RequestParser::check_host() {
  const std::size_t hosts = request_.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && request_.version_minor > 0))
    return fail(400, Errc::invalid_data, "there has to be one Host field");
  const std::string_view host = request_.headers.value("Host");
  if (request_.authority.empty()) request_.authority = host;
  if (!is_authority(host) || !is_authority(request_.authority))
    return fail(400, Errc::invalid_data, "the host is malformed");
  return 0;
}

// A body with a Content-Length was checked in on_head. Each chunk counts for its own head, too;
// extensions and trailers are bounded by the parser's limit for heads (80 KiB).
int RequestParser::on_chunk(std::uint64_t size_bytes) {
  constexpr std::size_t chunk_head_bytes = 5;
  body_bytes_ += chunk_head_bytes;
  if (body_bytes_ > limits_.body_bytes || size_bytes > limits_.body_bytes - body_bytes_)
    return fail(413, Errc::too_large, "the request's body is too large");
  body_bytes_ += static_cast<std::size_t>(size_bytes);
  return 0;
}

Result<void> RequestParser::read_target() {
  std::string_view target = request_.target;
  if (target == "*" && request_.method == "OPTIONS") {
    request_.path = "*";
    return {};
  }
  if (target.find('#') != target.npos) return Error{Errc::invalid_data, "the target holds a '#'"};
  const Target parts = split_target(target);
  if (parts.authority && parts.authority->empty())
    return Error{Errc::invalid_data, "the target names no host"};
  if (parts.authority) request_.authority = *parts.authority;
  target = parts.path_and_query;
  const auto mark = target.find('?');
  if (mark != target.npos) request_.query = target.substr(mark + 1);
  const std::string_view raw_path = target.substr(0, mark);
  auto path = decode_path(raw_path.empty() ? "/" : raw_path);
  if (!path) return std::move(path).error();
  request_.path = *std::move(path);
  return {};
}

// Any value but 0, 1 and 2 stops the parser, whichever callback returns it.
int RequestParser::fail(int status, Errc code, std::string message) {
  error_status_ = status;
  error_ = Error{code, std::move(message)};
  return -1;
}

Error RequestParser::parser_error() {
  if (!error_) {
    const auto error = HTTP_PARSER_ERRNO(&parser_);
    fail(error == HPE_HEADER_OVERFLOW ? 431 : 400, Errc::invalid_data,
         fmt::format("malformed request: {}", http_errno_description(error)));
  }
  return *error_;
}

Result<std::size_t> RequestParser::feed(std::string_view bytes) {
  if (error_) return *error_;
  parser_.data = this;
  std::size_t consumed = 0;
  while (consumed < bytes.size() && !whole_) {
    std::string_view piece = bytes.substr(consumed);
    if (!head_done_) {
      piece = piece.substr(0, limits_.head_bytes - fed_bytes_);
      if (piece.empty()) {
        const bool in_target = request_.headers.fields().empty();
        fail(in_target ? 414 : 431, Errc::too_large, "the request's head is too large");
        return *error_;
      }
    }
    if (!head_done_) {
      if (const std::string_view wrong = scan_.feed(piece); !wrong.empty()) {
        fail(400, Errc::invalid_data, fmt::format("malformed request: {}", wrong));
        return *error_;
      }
    }
    const std::size_t used = http_parser_execute(&parser_, &callbacks(), piece.data(), piece.size());
    if (!whole_ && HTTP_PARSER_ERRNO(&parser_) != HPE_OK) return parser_error();
    consumed += used;
    fed_bytes_ += used;
  }
  return consumed;
}

Request RequestParser::release() {
  Request request = std::move(request_);
  restart();
  return request;
}

}  // namespace srs::http
