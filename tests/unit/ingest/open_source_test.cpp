#include "srs-ingest/open_source.h"

#include <doctest/doctest.h>

#include "srs-ingest/with_ffmpeg/open_with_ffmpeg.h"

using namespace srs;
using namespace srs::ingest;

namespace {

const cli::Log quiet{"test", cli::LogLevel::error, cli::LogFormat::text};

std::string display(const std::string& argument) {
  return open_source(argument, open_with_ffmpeg, quiet).value()->display();
}
bool is_live(const std::string& argument) {
  return open_source(argument, open_with_ffmpeg, quiet).value()->is_live();
}

}  // namespace

TEST_CASE("a stream is named after its source") {
  CHECK(default_stream_path("-") == "live/stdin");
  CHECK(default_stream_path("test:") == "live/test");
  CHECK(default_stream_path("test:?size=640x360") == "live/test");
  CHECK(default_stream_path("a.flv") == "live/a");
  CHECK(default_stream_path("/var/media/b.c.mp4") == "live/b.c");
  CHECK(default_stream_path("noext") == "live/noext");
  CHECK(default_stream_path("rtmp://host/live/cam1") == "live/cam1");
  CHECK(default_stream_path("rtmp://host:1936/app/sub/cam1?token=x") == "app/sub/cam1");
  CHECK(default_stream_path("https://host/live/x.flv") == "live/x");
  CHECK(default_stream_path("http://host/x.m3u8") == "live/x");
  CHECK(default_stream_path("rtsp://host:8554/cam") == "live/cam");
}

TEST_CASE("an invalid stream name is made valid") {
  CHECK(default_stream_path("my film (1).mkv") == "live/my_film__1_");
  CHECK(default_stream_path(".hidden.flv") == "live/_hidden");
  CHECK(default_stream_path("rtsp://host/") == "live/stream");
  CHECK(default_stream_path("udp://239.0.0.1:1234") == "live/stream");
  CHECK(default_stream_path("http://host/a/../../x.flv").find("..") == std::string::npos);
}

TEST_CASE("each kind of source is opened by the right one") {
  CHECK(display("a.flv") == "file a.flv");
  CHECK_FALSE(is_live("a.flv"));
  CHECK(display("rtmp://127.0.0.1/live/x").starts_with("rtmp rtmp://127.0.0.1"));
  CHECK(is_live("rtmp://127.0.0.1/live/x"));
  CHECK(display("http://127.0.0.1:8080/live/x.flv").starts_with("http http://127.0.0.1:8080"));
  CHECK(is_live("http://127.0.0.1:8080/live/x.flv?a=b"));
  CHECK_FALSE(is_live("a.mp4"));
  CHECK(is_live("test:"));
}

TEST_CASE("FFmpeg is for what no other source opens") {
  for (const char* argument : {"-", "a.flv", "/var/a.flv", "rtmp://host/live/x", "rtmps://host/live/x",
                               "http://host/live/x.flv", "https://host/live/x.flv?token=y"}) {
    CAPTURE(argument);
    CHECK_FALSE(needs_ffmpeg(argument));
  }
  for (const char* argument : {"test:", "test:?size=640x360", "test:a.flv", "a.mp4", "http://host/x.m3u8",
                               "rtsp://host/x", "udp://239.0.0.1:1234", "srt://host:9/x.flv"}) {
    CAPTURE(argument);
    CHECK(needs_ffmpeg(argument));
  }
}

TEST_CASE("a password in a URL is in no log line") {
  for (const char* url : {"rtmp://me:secret@127.0.0.1/live/x", "http://me:secret@127.0.0.1/live/x.flv",
                          "rtsp://me:secret@127.0.0.1/x"})
    CHECK(display(url).find("secret") == std::string::npos);
}

TEST_CASE("an invalid argument is a usage error") {
  for (const char* argument : {"test:?nonsense=1", "test:?size=0x0", "rtmp://host:99999/live/x"}) {
    const auto source = open_source(argument, open_with_ffmpeg, quiet);
    REQUIRE_FALSE(source);
    CHECK(source.error().code == Errc::usage);
  }
}
