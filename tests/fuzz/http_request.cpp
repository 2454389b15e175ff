// HTTP requests, one after another on a connection: requests and error are the same however the bytes are
// split. Accepted requests are safe to look up and cannot be read as two requests.
#include "choices.h"
#include "http/request.h"
#include "http/stored.h"
#include "net/url.h"
#include "target.h"

using namespace srs;
using namespace srs::http;

namespace {

struct Outcome {
  std::vector<Request> requests;
  int error_status = 0;
};

constexpr std::size_t most_requests = 100;

Outcome read(std::string_view bytes, fuzz::PieceSizes sizes) {
  RequestParser parser;
  Outcome outcome;
  while (!bytes.empty() && outcome.requests.size() < most_requests) {
    std::string_view piece = bytes.substr(0, sizes.next());
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && outcome.requests.size() < most_requests) {
      const auto used = parser.feed(piece);
      if (!used) {
        outcome.error_status = parser.error_status();
        return outcome;
      }
      MUST_HOLD(*used <= piece.size() && (*used == piece.size() || parser.whole()));
      piece.remove_prefix(*used);
      if (parser.whole()) outcome.requests.push_back(parser.release());
    }
  }
  return outcome;
}

bool same(const Request& a, const Request& b) {
  return a.method == b.method && a.target == b.target && a.path == b.path && a.query == b.query &&
         a.keep_alive == b.keep_alive && a.version_minor == b.version_minor &&
         std::equal(a.headers.begin(), a.headers.end(), b.headers.begin(), b.headers.end());
}

void check(const Request& request) {
  MUST_HOLD(request.path == "*" || request.path.starts_with('/'));
  for (const char c : request.path)
    MUST_HOLD(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\');
  const std::string path = request.path + "/";
  MUST_HOLD(path.find("/../") == path.npos && path.find("/./") == path.npos);
  for (const auto& [name, value] : request.headers) {
    MUST_HOLD(name.find_first_of(std::string_view(" \t\r\n\0", 5)) == name.npos);
    MUST_HOLD(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos);
  }
  // RFC 9112 6.3: a proxy in front may use the other length.
  MUST_HOLD(request.headers.count("Content-Length") <= 1);
  MUST_HOLD(!request.headers.find("Content-Length") || !request.headers.find("Transfer-Encoding"));
  MUST_HOLD(request.headers.count("Host") == 1 || request.version_minor == 0);
  for (const auto& [name, value] : net::parse_query(request.query))
    MUST_HOLD(name.size() + value.size() <= request.query.size());
}

// Ranges and conditions, against files of various sizes.
void check_answers(const Request& request) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, UINT64_MAX}) {
    const StoredAnswer answer =
        answer_stored(request, {.tag = "\"1\"", .modified = 784'111'777, .size_bytes = size});
    const int status = answer.response.status;
    MUST_HOLD(status == 200 || status == 206 || status == 304 || status == 416);
    MUST_HOLD(answer.first <= size && answer.size_bytes <= size - answer.first);
    MUST_HOLD(!answer.has_body || status == 200 || status == 206);
    MUST_HOLD(status != 200 || !answer.has_body || answer.size_bytes == size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of({data, size});
  const Outcome whole = read(bytes, fuzz::PieceSizes(SIZE_MAX));
  for (const auto sizes :
       {fuzz::PieceSizes(1), fuzz::PieceSizes(7), fuzz::PieceSizes::said_by({data, size})}) {
    const Outcome pieces = read(bytes, sizes);
    MUST_HOLD(pieces.error_status == whole.error_status);
    MUST_HOLD(std::equal(pieces.requests.begin(), pieces.requests.end(), whole.requests.begin(),
                         whole.requests.end(), same));
  }
  MUST_HOLD(whole.error_status == 0 || (whole.error_status >= 400 && whole.error_status < 600));
  for (const Request& request : whole.requests) {
    check(request);
    if (request.method == "GET" || request.method == "HEAD") check_answers(request);
  }
  return 0;
}
