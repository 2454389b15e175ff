#include "media/stream_path.h"

#include <doctest/doctest.h>

using srs::media::parse_stream_path;

TEST_CASE("ordinary stream names pass, without slashes around them") {
  CHECK(parse_stream_path("live/cam1").value() == "live/cam1");
  CHECK(parse_stream_path("/live/cam1/").value() == "live/cam1");
  CHECK(parse_stream_path("cam").value() == "cam");
  CHECK(parse_stream_path("a/b/c-d_e.f+g=h,i@j").value() == "a/b/c-d_e.f+g=h,i@j");
  CHECK(parse_stream_path("live/k\xc3\xbc"
                          "che")
            .value() ==
        "live/k\xc3\xbc"
        "che");
}

TEST_CASE("names that leave a folder, hide a file or break a line are refused") {
  for (const char* name : {"",
                           "/",
                           "//",
                           ".",
                           "..",
                           "../x",
                           "live/..",
                           "live/../x",
                           "live/.htaccess",
                           "live//x",
                           "live/%2e%2e/x",
                           "live/a b",
                           "live/a\tb",
                           "live/a\nb",
                           "live/a\x7f",
                           "live\\x",
                           "live/x?key=1",
                           "live/x#y",
                           "live/*",
                           "live/\"x\"",
                           "live/'x'",
                           "live/<x>",
                           "live|x",
                           "c:/x"})
    CHECK_FALSE(parse_stream_path(name));
  CHECK_FALSE(parse_stream_path(std::string_view("live/a\0b", 8)));
}

TEST_CASE("names with invisible characters are refused") {
  for (const char* name : {"live/a\xc2\x9b", "live/a\xe2\x80\xae", "live/a\xe2\x81\xa6", "live/a\xe2\x80\x8b",
                           "live/a\xe2\x80\xa8", "live/a\xef\xbb\xbf", "live/a\xd8\x9c", "live/\xe0\x80\xaf"})
    CHECK_FALSE(parse_stream_path(name));
}

TEST_CASE("a name may have 255 bytes and no more") {
  CHECK(parse_stream_path(std::string(255, 'x')));
  CHECK_FALSE(parse_stream_path(std::string(256, 'x')));
}
