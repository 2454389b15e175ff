// The parameters of test: URLs, and the parts of an FFmpeg URL that may be shown.
#include <doctest/doctest.h>

#include "ffmpeg/input.h"
#include "srs-ingest/test_source/test_source.h"

using namespace srs;
using namespace srs::ingest;

namespace {

std::string error_of(const std::string& url) {
  const auto parsed = parse_test_url(url);
  if (parsed) return "";
  CHECK(parsed.error().code == Errc::usage);
  return parsed.error().message;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("test: alone is 720p with a tone") {
  for (const char* url : {"test:", "test://", "test:?"}) {
    const auto settings = parse_test_url(url);
    REQUIRE(settings);
    CHECK(settings->width == 1280);
    CHECK(settings->height == 720);
    CHECK(settings->rate == 30);
    CHECK(settings->bitrate == 2'500'000);
    CHECK(settings->audio);
    CHECK_FALSE(settings->duration);
  }
}

TEST_CASE("every parameter is read") {
  const auto settings = parse_test_url(
      "test:?size=640x360&rate=25&bitrate=1.5M&gop=500ms&audio=on&video=on&tone=1000&duration=3s");
  REQUIRE(settings);
  CHECK(settings->width == 640);
  CHECK(settings->height == 360);
  CHECK(settings->rate == 25);
  CHECK(settings->bitrate == 1'500'000);
  CHECK(settings->gop == std::chrono::milliseconds(500));
  CHECK(settings->tone_hz == 1000);
  CHECK(settings->duration == std::chrono::seconds(3));
  CHECK_FALSE(parse_test_url("test:?audio=off")->audio);
  CHECK_FALSE(parse_test_url("test:?video=off")->video);
}

TEST_CASE("an unknown parameter is a usage error that lists the known ones") {
  const std::string message = error_of("test:?sise=640x360");
  CHECK(mentions(message, "'sise'"));
  for (const char* key : {"size", "rate", "bitrate", "gop", "video", "audio", "tone", "duration"})
    CHECK(mentions(message, key));
}

TEST_CASE("bad values are usage errors") {
  for (const char* query : {"size=641x360",
                            "size=640",
                            "size=640x",
                            "size=0x0",
                            "size=-2x64",
                            "size=640x360x1",
                            "size=99999x99999",
                            "rate=0",
                            "rate=abc",
                            "rate=",
                            "rate=30fps",
                            "bitrate=0",
                            "bitrate=fast",
                            "bitrate=1G",
                            "bitrate=-5k",
                            "bitrate=nan",
                            "bitrate=inf",
                            "gop=0",
                            "gop=-1s",
                            "gop=1h",
                            "audio=yes",
                            "tone=0",
                            "duration=0",
                            "duration=x",
                            "video=off&audio=off",
                            "=",
                            "size"})
    CHECK_MESSAGE(!error_of(std::string("test:?") + query).empty(), query);
  CHECK_FALSE(error_of("test:640x360").empty());
  CHECK_FALSE(error_of("rtmp://h/a").empty());
}

TEST_CASE("the scheme of a URL; paths have none") {
  CHECK(ffmpeg::scheme_of("rtsp://h/x") == "rtsp");
  CHECK(ffmpeg::scheme_of("HTTP://h/x") == "http");
  CHECK(ffmpeg::scheme_of("udp:224.0.0.1") == "udp");
  CHECK(ffmpeg::scheme_of("a.mp4") == "");
  CHECK(ffmpeg::scheme_of("/tmp/12:30.mp4") == "");
  CHECK(ffmpeg::scheme_of("12:30.mp4") == "");
  CHECK(ffmpeg::scheme_of("://x") == "");
}

TEST_CASE("passwords are not shown") {
  CHECK(ffmpeg::shown_url("rtsp://user:secret@cam/x?a=b@c") == "rtsp://cam:554/x?a=***");
  CHECK(ffmpeg::shown_url("rtsp://user:s@cret@cam") == "rtsp://cam:554");
  CHECK(ffmpeg::shown_url("http://h/a@b") == "http://h:80/a@b");
  CHECK(ffmpeg::shown_url("dir/a@b.mp4") == "dir/a@b.mp4");
}
