#include "http/request.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

namespace srs::http {
namespace {

// Feeds in pieces of this size; the status of the error, or 0 and the request.
int parse(const std::string& text, Request& request, std::size_t piece = 1 << 20) {
  RequestParser parser;
  for (std::size_t at = 0; at < text.size() && !parser.whole();) {
    const auto taken = parser.feed(std::string_view(text).substr(at, piece));
    if (!taken) {
      CHECK(parser.error_status() >= 400);
      CHECK_FALSE(taken.error().message.empty());
      CHECK_FALSE(parser.feed("G").ok());  // an error is final
      return parser.error_status();
    }
    at += *taken;
  }
  if (!parser.whole()) return -1;
  request = parser.release();
  return 0;
}

int status_of(const std::string& text) {
  Request whole, bytewise;
  const int status = parse(text, whole);
  CHECK(parse(text, bytewise, 1) == status);
  CHECK(whole.path == bytewise.path);
  return status;
}

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string path_of(const std::string& target) {
  Request request;
  REQUIRE(parse(get(target), request, 1) == 0);
  return request.path;
}

TEST_CASE("a request is the same however its bytes come") {
  const std::string text =
      "GET /live/a%20b.flv?token=a%20b&x HTTP/1.1\r\nHost: example.com:8080\r\nUser-AGENT:  curl/8 \r\n"
      "X-Empty:\r\n\r\n";
  for (std::size_t piece : {1, 2, 3, 7, 50, 10000}) {
    CAPTURE(piece);
    Request request;
    REQUIRE(parse(text, request, piece) == 0);
    CHECK(request.method == "GET");
    CHECK(request.target == "/live/a%20b.flv?token=a%20b&x");
    CHECK(request.path == "/live/a b.flv");
    CHECK(request.query == "token=a%20b&x");
    CHECK(request.headers.value("user-agent") == "curl/8");
    CHECK(request.headers.value("HOST") == "example.com:8080");
    REQUIRE(request.headers.find("x-empty"));
    CHECK(request.headers.value("x-empty").empty());
    CHECK_FALSE(request.headers.find("x-none"));
    CHECK(request.version_minor == 1);
    CHECK(request.keep_alive);
  }
}

TEST_CASE("keep-alive follows version and Connection") {
  Request request;
  REQUIRE(parse("GET / HTTP/1.0\r\n\r\n", request) == 0);
  CHECK_FALSE(request.keep_alive);
  CHECK(request.version_minor == 0);
  REQUIRE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", request) == 0);
  CHECK(request.keep_alive);
  REQUIRE(parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", request) == 0);
  CHECK_FALSE(request.keep_alive);
}

TEST_CASE("target forms") {
  CHECK(path_of("/") == "/");
  CHECK(path_of("http://example.com/live/x?y") == "/live/x");
  CHECK(path_of("http://example.com") == "/");
  CHECK(path_of("http://example.com?y=/../") == "/");
  CHECK(path_of("//live/x") == "//live/x");
  CHECK(path_of("/a?b=../..") == "/a");
  CHECK(path_of("/caf%C3%A9") == "/caf\xC3\xA9");
  CHECK(path_of("/caf\xC3\xA9") == "/caf\xC3\xA9");  // not a URL, but sent by careless clients
  CHECK(path_of("/100%25") == "/100%");
  CHECK(path_of("/%252e%252e/x") == "/%2e%2e/x");  // decoded once, not twice
  Request request;
  REQUIRE(parse("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", request) == 0);
  CHECK(request.path == "*");
  CHECK(status_of("GET * HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
  CHECK(status_of("CONNECT a:443 HTTP/1.1\r\nHost: x\r\n\r\n") == 405);
}

TEST_CASE("paths that are refused") {
  for (const std::string target : {"/a%00b",
                                   "/%",
                                   "/%4",
                                   "/%zz",
                                   "/%2",
                                   "/../etc/passwd",
                                   "/%2e%2e/etc/passwd",
                                   "/%2E./x",
                                   "/a/..",
                                   "/a/.",
                                   "/./a",
                                   "/a%2f..%2fb",
                                   "/a%2f%2e%2e",
                                   "/..%5cwindows",
                                   "/a%5cb",
                                   "/a%0d%0aSet-Cookie:x",
                                   "/%1b[2J",
                                   "/%7f",
                                   "/a#b",
                                   "http://h/../x",
                                   "http://h/%2e%2e",
                                   "live/x",
                                   "/a\x01"
                                   "b"}) {
    CAPTURE(target);
    CHECK(status_of(get(target)) == 400);
  }
}

TEST_CASE("malformed requests") {
  for (const std::string text :
       {"\x16\x03\x01\x02\x01\x01\r\n\r\n", "GARBAGE\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/x\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(text);
    CHECK(status_of(text) == 400);
  }
  CHECK(status_of("GET / HTTP/2.0\r\nHost: x\r\n\r\n") == 505);
}

TEST_CASE("a head has a limit") {
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  CHECK(status_of(start + "A: " + std::string(15 * 1024, 'a') + "\r\n\r\n") == 0);
  CHECK(status_of(start + "A: " + std::string(17 * 1024, 'a') + "\r\n\r\n") == 431);
  CHECK(status_of(get("/" + std::string(15 * 1024, 'a'))) == 0);
  CHECK(status_of(get("/" + std::string(17 * 1024, 'a'))) == 414);
  CHECK(status_of(start + std::string(17 * 1024, 'a')) == 431);
  std::string many = start;
  for (int i = 0; i < 1000; ++i) many += "a:\r\n";
  CHECK(status_of(many + "\r\n") == 431);
  CHECK(status_of(std::string(20 * 1024, '\n')) >= 400);
}

TEST_CASE("a body is discarded, up to its limit") {
  const auto post = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'b');
  };
  CHECK(status_of(post(0)) == 0);
  CHECK(status_of(post(64 * 1024)) == 0);
  CHECK(status_of(post(64 * 1024 + 1)) == 413);
  // Lengths that are small in 32 bits, and none that 64 bits have.
  for (const char* length : {"4294967296", "4294967297", "8589934593", "9007199254740993"})
    CHECK(status_of(std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ") + length + "\r\n\r\nb") ==
          413);
  CHECK(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\nb") == 400);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(status_of(chunked + "3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n") == 0);
  std::string endless = chunked;
  while (endless.size() < 100 * 1024) endless += "1\r\na\r\n";
  CHECK(status_of(endless) == 413);
  for (const char* size : {"100000000", "100000001", "20000000000001"})
    CHECK(status_of(chunked + size + "\r\n" + std::string(70 * 1024, 'c')) == 413);
  CHECK(status_of(chunked + "fffffff\r\n" + std::string(70 * 1024, 'c')) == 413);
}

TEST_CASE("pipelined requests are consumed one at a time") {
  const std::string text =
      get("/1") + "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + get("/3");
  RequestParser parser;
  std::string paths;
  for (std::string_view rest = text; !rest.empty();) {
    const auto taken = parser.feed(rest);
    REQUIRE(taken);
    rest.remove_prefix(*taken);
    REQUIRE(parser.whole());
    paths += parser.release().path;
    CHECK_FALSE(parser.started());
  }
  CHECK(paths == "/1/2/3");
}

TEST_CASE("mutated requests: whole or in pieces, the outcome is the same, and a path is always safe") {
  const std::string seeds[] = {get("/live/x%20y.flv?a=b"), get("http://h/%2e%2e/a"),
                               "POST /a/../b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                               "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"};
  const std::string_view bytes("%./\\\r\n\0 :0129eE?#,-\xff\x7f", 21);
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = seeds[i % 4];
    for (std::size_t n = 1 + below(4); n > 0; --n) text[below(text.size())] = bytes[below(bytes.size())];
    CAPTURE(text);
    Request whole, pieces;
    const int status = parse(text, whole);
    REQUIRE(parse(text, pieces, 1 + below(9)) == status);
    if (status != 0) continue;
    ++accepted;
    REQUIRE(whole.path == pieces.path);
    REQUIRE(whole.path.find('\0') == std::string::npos);
    REQUIRE((whole.path + "/").find("/../") == std::string::npos);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("trailers do not become header fields") {
  Request request;
  REQUIRE(
      parse("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: y\r\nZ: z\r\n\r\n",
            request) == 0);
  CHECK(request.headers.value("Host") == "x");
  CHECK_FALSE(request.headers.find("Z"));
}

TEST_CASE("header fields by name") {
  Headers headers;
  headers.add("Vary", "a");
  headers.add("vary", "b");
  headers.add("X", "x");
  CHECK(headers.count("VARY") == 2);
  CHECK(headers.value("VARY") == "a");
  headers.set("VaRy", "c");
  CHECK(headers.count("Vary") == 1);
  CHECK(headers.value("vary") == "c");
  CHECK(headers.value("x") == "x");
}

}  // namespace
}  // namespace srs::http
