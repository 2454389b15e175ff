#include "srs-relay/push/push_url.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

using namespace srs;
using relay::PushUrl;

namespace {

PushUrl url_of(const char* text) {
  auto url = PushUrl::parse(text);
  REQUIRE(url);
  return *std::move(url);
}

}  // namespace

TEST_CASE("{path} is replaced by the stream's path, wherever it stands") {
  CHECK(url_of("rtmp://h/{path}").url_for("live/a").display() == "rtmp://h:1935/live/a");
  CHECK(url_of("rtmps://h/x/{path}-hd?of={path}").url_for("a/b/c").display() ==
        "rtmps://h:443/x/a/b/c-hd?of=a/b/c");
  CHECK(url_of("rtmp://h/app/key").url_for("live/a").display() == "rtmp://h:1935/app/key");
  CHECK(url_of("rtmp://h/{path}").has_path());
  CHECK_FALSE(url_of("rtmp://h/app/key").has_path());
}

TEST_CASE("keys are not shown: the last component and the query, unless they are the stream's path") {
  const auto shown = [](const char* text) { return url_of(text).display_for("live/a"); };
  CHECK(shown("rtmp://h/{path}") == "rtmp://h:1935/live/a");
  CHECK(shown("rtmp://h/{path}?token=secret") == "rtmp://h:1935/live/a?***");
  CHECK(shown("rtmps://h/app/key") == "rtmps://h:443/app/***");
  CHECK(shown("rtmp://h/app/key?token=secret") == "rtmp://h:1935/app/***");
  CHECK(shown("rtmp://h/app/{path}-key") == "rtmp://h:1935/app/live/***");
  CHECK(shown("rtmp://h/key") == "rtmp://h:1935/***");
  CHECK(shown("rtmp://user:password@h/app/key") == "rtmp://h:1935/app/***");
}

TEST_CASE("what servers say is shown where it cannot hold a key, else only a code that is known") {
  const Error taken{Errc::refused, "NetStream.Publish.BadName: app/close is taken"};
  const Error odd{Errc::refused, "close.close.close: no"};
  for (const char* text : {"rtmp://h/app/close", "rtmp://h/{path}?token=close", "rtmp://u:close@h/{path}"}) {
    const PushUrl url = url_of(text);
    CHECK(url.explain(taken) ==
          "the server refused it: NetStream.Publish.BadName (its own words may hold the "
          "key, and are not shown)");
    CHECK(url.explain(odd).find("close") == std::string::npos);
    // Our own words: nothing is taken out of them, which would show what the key is.
    CHECK(url.explain({Errc::closed, "the server closed the connection"}) ==
          "the server closed the connection");
  }
  CHECK(url_of("rtmp://h/{path}").explain(taken) == taken.message);
}

TEST_CASE("what is no place to push to is refused without quoting it") {
  for (const char* text :
       {"", "h/app/secret", "http://h/app/secret", "rtmp:///app/secret", "rtmp://h:x/app/secret",
        "rtmp://h:0/app/secret", "rtmp://h/app/", "rtmp://h", "rtmp://h/a secret"}) {
    CAPTURE(text);
    const auto url = PushUrl::parse(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("a file of destinations: a URL a line, with comments") {
  char path[] = "/tmp/srs-unit-push-XXXXXX";
  ::close(::mkstemp(path));
  std::ofstream(path) << "# mine\n\nrtmp://h/a/1\r\n  rtmps://h/b/{path}\t\n";
  const auto read = relay::read_push_file(path);
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK((*read)[0] == url_of("rtmp://h/a/1"));
  CHECK((*read)[1] == url_of("rtmps://h/b/{path}"));
  std::ofstream(path) << "rtmp://h/a/1\nsecret\n";
  const auto bad = relay::read_push_file(path);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find("line 2") != std::string::npos);
  CHECK(bad.error().message.find("secret") == std::string::npos);
  std::ofstream(path) << std::string((1u << 20) + 1, '#');
  CHECK_FALSE(relay::read_push_file(path));
  std::remove(path);
  CHECK_FALSE(relay::read_push_file(path));
}
