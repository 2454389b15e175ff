#include "net/url.h"

#include <doctest/doctest.h>

#include <string>

namespace srs::net {
namespace {

Url parsed(std::string_view text) {
  auto url = parse_url(text);
  CAPTURE(text);
  REQUIRE(url);
  return *std::move(url);
}

TEST_CASE("the parts of a URL") {
  const Url url = parsed("RTMP://User:pa:ss@Example.com:1936/live/cam1?token=a/b&x=1#part");
  CHECK(url.scheme == "rtmp");
  CHECK(url.user == "User");
  CHECK(url.password == "pa:ss");
  CHECK(url.host == "Example.com");
  CHECK(url.port == 1936);
  CHECK(url.path == "/live/cam1");
  CHECK(url.query == "token=a/b&x=1");
  CHECK(url.display() == "rtmp://Example.com:1936/live/cam1?token=a/b&x=1");
}

TEST_CASE("parts that a URL omits") {
  CHECK(parsed("rtmp://host/live").port == 1935);
  CHECK(parsed("http://host").port == 80);
  CHECK(parsed("https://host").port == 443);
  CHECK(parsed("rtsp://host").port == 554);
  CHECK(parsed("foo://host").port == 0);
  CHECK(parsed("http://host").path.empty());
  CHECK(parsed("http://host?a=b").query == "a=b");
  CHECK(parsed("http://host?a=b").host == "host");
  CHECK(parsed("http://host?a=b/c@d:e").query == "a=b/c@d:e");
  CHECK(parsed("http://user@host").user == "user");
  CHECK(parsed("http://user@host").password.empty());
  CHECK(parsed("http://a@b@host/").host == "host");
}

TEST_CASE("listening URLs") {
  CHECK(parsed("rtmp://:1935").host.empty());
  CHECK(parsed("rtmp://:1935").port == 1935);
  CHECK(parsed("http://:0").port == 0);
  CHECK(parsed("http://[::1]:8080/x").host == "::1");
  CHECK(parsed("http://[::1]:8080/x").port == 8080);
  CHECK(parsed("http://[::1]").port == 80);
  CHECK(parsed("http://[::1]:8080").authority() == "[::1]:8080");
  CHECK(parsed("http://u:p@[fe80::1]:1/").host == "fe80::1");
}

TEST_CASE("texts that are not URLs") {
  for (const std::string text :
       {"", "host", "host:80", "://host", "http:/host", "http://host:x", "http://host:65536",
        "http://host:-1", "http://host:", "http://host:80x/", "http://[::1", "http://[::1]x", "http://ho st/",
        "http://host/a\nb", "http://host/\x7f", "ht tp://host", "http://[[1,^]:78", "http://a]b/"}) {
    CAPTURE(text);
    const auto url = parse_url(text);
    CHECK_FALSE(url);
  }
  CHECK(parse_url("http://host:99999").error().message.find("99999") != std::string::npos);
}

TEST_CASE("a password is never in an error or a display") {
  const auto url = parse_url("rtmp://user:hunter2@host:bad/live");
  REQUIRE_FALSE(url);
  CHECK(url.error().message.find("hunter2") == std::string::npos);
  CHECK(parse_url("user:hunter2@host/live").error().message.find("hunter2") == std::string::npos);
  CHECK(parsed("rtmp://user:hunter2@host/live").display().find("hunter2") == std::string::npos);
}

TEST_CASE("percent decoding") {
  CHECK(*percent_decode("") == "");
  CHECK(*percent_decode("a%20b%2Fc%2f") == "a b/c/");
  CHECK(*percent_decode("%25") == "%");
  CHECK(*percent_decode("%252e") == "%2e");
  CHECK(*percent_decode("a+b") == "a+b");
  CHECK(*percent_decode("%C3%A9") == "\xC3\xA9");
  for (const char* text :
       {"%", "%4", "a%", "a%4", "%4g", "%g4", "%%41", "% 41", "%00", "a%00b", "%-1", "%+1"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decode(text));
  }
}

TEST_CASE("queries") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(parse_query("").empty());
  CHECK(parse_query("&&").empty());
  CHECK(parse_query("a=1&b=2") == Pairs{{"a", "1"}, {"b", "2"}});
  CHECK(parse_query("a=1&a=2") == Pairs{{"a", "1"}, {"a", "2"}});
  CHECK(parse_query("flag&b=") == Pairs{{"flag", ""}, {"b", ""}});
  CHECK(parse_query("a=b=c&=d") == Pairs{{"a", "b=c"}, {"", "d"}});
  CHECK(parse_query("%61=x%26y&b=%zz") == Pairs{{"a", "x&y"}, {"b", "%zz"}});
  CHECK(query_value("a=1&a=2", "a") == "1");
  CHECK(query_value("flag", "flag") == "");
  CHECK_FALSE(query_value("a=1", "b"));
}

}  // namespace
}  // namespace srs::net

TEST_CASE("text() is the URL with its credentials, display() without") {
  for (const char* text : {"http://u:p@host:8080/a?b=c", "rtmp://u@[::1]:1935/a", "http://host:80/"}) {
    CAPTURE(text);
    const auto url = srs::net::parse_url(text);
    REQUIRE(url);
    CHECK(url->text() == text);
    CHECK(url->display().find('@') == std::string::npos);
  }
}

TEST_CASE("an address without its port") {
  CHECK(srs::net::without_port("10.0.0.7:1935") == "10.0.0.7");
  CHECK(srs::net::without_port("[::1]:1935") == "[::1]");
  CHECK(srs::net::without_port("host") == "host");
}
