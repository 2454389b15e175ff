// Requests that programs which read the same bytes could take differently (RFC 9112), and which are valid.
#include <doctest/doctest.h>

#include <string>

#include "http/request.h"

namespace srs::http {
namespace {

constexpr int taken = 0;

struct Case {
  const char* name;
  std::string bytes;
  int status;  // of the refusal
};

std::string get(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

// 0: complete at some byte; -1: not complete yet.
int parse(const std::string& bytes, std::size_t piece, RequestParser& parser) {
  for (std::size_t at = 0; at < bytes.size() && !parser.whole();) {
    const auto used = parser.feed(std::string_view(bytes).substr(at, piece));
    if (!used) return parser.error_status();
    at += *used;
  }
  return parser.whole() ? taken : -1;
}

const Case cases[] = {
    {"Transfer-Encoding and Content-Length",
     get("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
    {"the other way round", get("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n") + "0\r\n\r\n", 400},
    {"two lengths", get("Content-Length: 0\r\nContent-Length: 5\r\n") + "hello", 400},
    {"the same length twice", get("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello", 400},
    {"a list of lengths", get("Content-Length: 5, 5\r\n") + "hello", 400},
    {"a length with a sign", get("Content-Length: +5\r\n") + "hello", 400},
    {"a negative length", get("Content-Length: -1\r\n"), 400},
    {"a length beyond 64 bits", get("Content-Length: 99999999999999999999\r\n"), 400},
    {"another coding", get("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 501},
    {"an unknown coding", get("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n", 501},
    {"chunked is not the last", get("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n", 501},
    {"two codings", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") + "0\r\n\r\n", 400},
    {"a coding in HTTP/1.0", "GET /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"a coding behind VT",
     get("Transfer-Encoding: \x0b"
         "chunked\r\n"),
     400},
    {"a space before the colon", get("Content-Length : 5\r\n") + "hello", 400},
    {"a tab before the colon", get("Content-Length\t: 5\r\n") + "hello", 400},
    {"a bare CR in a value", get("X: a\rContent-Length: 5\r\n"), 400},
    {"a bare CR in a name", get("X\r: a\r\n"), 400},
    {"a bare CR in the target", "GET /a\r HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"a bare LF ends a line", "GET /a HTTP/1.1\nHost: x\n\n", taken},
    {"a folded field", get("X: a\r\n b\r\n"), 400},
    {"a field folded by a tab", get("X: a\r\n\tb\r\n"), 400},
    {"a field folded behind a bare LF", get("X: a\n b\r\n"), 400},
    {"a folded coding", get("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n", 400},
    {"a space before the first field", "GET /a HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"NUL in a value", get(std::string("X: a\0b\r\n", 8)), 400},
    {"NUL in a name", get(std::string("X\0: b\r\n", 7)), 400},
    {"a tab in a value", get("X: a\tb\r\n"), taken},
    {"no colon", get("garbage\r\n"), 400},
    {"no name", get(": x\r\n"), 400},
    {"a field of 20 KB", get("X: " + std::string(20'000, 'a') + "\r\n"), 431},
    {"a target of 20 KB", "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
    {"%00", "GET /a%00.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"%0d%0a", "GET /a%0d%0aX:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"an absolute target", "GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n", taken},
    {"an absolute target with a user", "GET http://u@y/a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"an absolute target with two ports", "GET http://y:80:80/a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"an absolute target without a host", "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no Host", "GET /a HTTP/1.1\r\n\r\n", 400},
    {"no Host in HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", taken},
    {"two Hosts", get("Host: x\r\n"), 400},
    {"a Host that is none", "GET /a HTTP/1.1\r\nHost: a b/<>@\r\n\r\n", 400},
    {"a Host with a user", "GET /a HTTP/1.1\r\nHost: u@x\r\n\r\n", 400},
    {"a Host with a port", "GET /a HTTP/1.1\r\nHost: x.example:8080\r\n\r\n", taken},
    {"a Host of IPv6", "GET /a HTTP/1.1\r\nHost: [2001:db8::7]:8080\r\n\r\n", taken},
    {"a Host of half an IPv6", "GET /a HTTP/1.1\r\nHost: [2001:db8::7\r\n\r\n", 400},
    {"an empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", taken},
    {"100-continue", get("Content-Length: 1\r\nExpect: 100-continue\r\n"), -1},
    {"another expectation", get("Content-Length: 1\r\nExpect: miracles\r\n"), 417},
    {"a chunk of negative size", get("Transfer-Encoding: chunked\r\n") + "-1\r\n", 400},
    {"a chunk of 0x1", get("Transfer-Encoding: chunked\r\n") + "0x1\r\na\r\n0\r\n\r\n", 400},
    {"a chunk beyond 64 bits", get("Transfer-Encoding: chunked\r\n") + "ffffffffffffffffff\r\n", 400},
    {"empty lines in front", "\r\n\r\n" + get(""), taken},
    {"20,000 empty lines in front",
     [] {
       std::string lines;
       for (int i = 0; i < 20'000; ++i) lines += "\r\n";
       return lines + get("");
     }(),
     414},
};

TEST_CASE("ambiguous requests are refused, in whatever pieces they come") {
  for (const Case& tried : cases)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
      CAPTURE(tried.name);
      CAPTURE(piece);
      RequestParser parser;
      CHECK(parse(tried.bytes, piece, parser) == tried.status);
    }
}

TEST_CASE("a request names the host that it is for") {
  const auto authority = [](const std::string& bytes) {
    RequestParser parser;
    REQUIRE(parse(bytes, 1 << 20, parser) == taken);
    return parser.release().authority;
  };
  CHECK(authority("GET /a HTTP/1.1\r\nHost: x:80\r\n\r\n") == "x:80");
  CHECK(authority("GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n") == "y");
  CHECK(authority("GET /a HTTP/1.0\r\n\r\n").empty());
}

TEST_CASE("a client that waits for 100 Continue is reported once") {
  RequestParser parser;
  CHECK(parse(get("Content-Length: 3\r\nExpect: 100-Continue\r\n"), 1 << 20, parser) == -1);
  CHECK(parser.consume_expectation());
  CHECK_FALSE(parser.consume_expectation());
  CHECK(parse("abc", 1 << 20, parser) == taken);
  parser.release();
  CHECK(parse(get("Expect: 100-continue\r\n"), 1 << 20, parser) == taken);  // there is no body to send
  CHECK_FALSE(parser.consume_expectation());
}

TEST_CASE("the next request begins anew, after one with a body, too") {
  RequestParser parser;
  const std::string first = get("Transfer-Encoding: chunked\r\n") + "3\r\na\rb\r\n0\r\n\r\n";
  CHECK(parse(first, 1, parser) == taken);
  parser.release();
  CHECK(parse(get("X: a\r\n b\r\n"), 1, parser) == 400);
}

}  // namespace
}  // namespace srs::http
