#include "http/response.h"

#include <doctest/doctest.h>

namespace srs::http {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST_CASE("dates") {
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");  // the example of RFC 9110
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(parse_http_date("Tue, 29 Feb 2000 00:00:00 GMT") == 951782400);
  for (const char* text :
       {"", "now", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 19x4 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"})
    CHECK_FALSE(parse_http_date(text));
}

TEST_CASE("heads") {
  const std::string head = head_of(error_response(404, "live/x: no such stream"), true);
  CHECK(head.starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(contains(head, "\r\nContent-Length: 23\r\n"));
  CHECK(contains(head, "\r\nAccess-Control-Allow-Origin: *\r\n"));
  CHECK(contains(head, "\r\nDate: "));
  CHECK(contains(head, "\r\nServer: "));
  CHECK_FALSE(contains(head, "Connection:"));
  CHECK(contains(head_of(ok("text/plain", ""), false), "\r\nConnection: close\r\n"));
  CHECK(contains(head_of(ok("text/plain", ""), true, 0), "\r\nConnection: keep-alive\r\n"));
  CHECK_FALSE(contains(head_of(preflight(), true), "Content-Length"));
}

TEST_CASE("the head of a stream has no length, and chunks for clients that know them") {
  CHECK(contains(stream_head("video/x-flv", true), "\r\nTransfer-Encoding: chunked\r\n"));
  const std::string head = stream_head("video/x-flv", false);
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  for (const char* line : {"\r\nContent-Type: video/x-flv\r\n", "\r\nConnection: close\r\n",
                           "\r\nCache-Control: no-cache\r\n", "\r\nAccess-Control-Allow-Origin: *\r\n"})
    CHECK(contains(head, line));
  CHECK_FALSE(contains(head, "Content-Length"));
  CHECK_FALSE(contains(head, "chunked"));
}

TEST_CASE("a peer's text cannot add header fields or terminal escapes") {
  const std::string head = head_of(redirect(302, "/a\r\nSet-Cookie: x"), true);
  CHECK_FALSE(contains(head, "\nSet-Cookie"));
  CHECK(error_response(404, "a\r\nb\x1b[2J").body == "a??b?[2J\n");
}

TEST_CASE("errors are one line") {
  CHECK(error_response(404, "live/x: no such stream").body == "live/x: no such stream\n");
  CHECK(error_response(405, "no").headers.value("Allow") == "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace srs::http
