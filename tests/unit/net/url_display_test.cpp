#include "net/url_display.h"

#include <doctest/doctest.h>

using srs::net::display_url;
using srs::net::display_urls_in;

TEST_CASE("user, password and the values of a query are not shown") {
  CHECK(display_url("http://h/a.flv") == "http://h:80/a.flv");
  CHECK(display_url("http://me:secret@h/a.flv?token=secret&key=secret") ==
        "http://h:80/a.flv?token=***&key=***");
  CHECK(display_url("rtmp://secret@h/live/x") == "rtmp://h:1935/live/x");
  CHECK(display_url("http://h/a?secret") == "http://h:80/a?***");
  CHECK(display_url("http://h/a?secret&sign=secret=secret&") == "http://h:80/a?***&sign=***");
  CHECK(display_url("rtsp://h/a?%73=%73ecret") == "rtsp://h:554/a?%73=***");
}

TEST_CASE("nor are they shown for URLs that the tools do not understand") {
  CHECK(display_url("http://me:secret@h:port/a b?token=secret") == "http://h:port/a b?***");
  CHECK(display_url("srt://me:p@ss@h:70000?passphrase=secret") == "srt://h:70000?***");
  CHECK(display_url("udp://h:x#secret") == "udp://h:x#***");
}

TEST_CASE("a file's name stays as it is") {
  CHECK(display_url("what?.mp4") == "what?.mp4");
  CHECK(display_url("me@home.flv") == "me@home.flv");
}

TEST_CASE("URLs in other programs' messages are shown the same way") {
  CHECK(display_urls_in(
            "Opening 'https://u:secret@h/x?sig=secret' for reading, then rtsp://u:secret@h/y failed") ==
        "Opening 'https://h/x?***' for reading, then rtsp://h/y failed");
  CHECK(display_urls_in("Connection refused") == "Connection refused");
  CHECK(display_urls_in("tcp://h:1?timeout=5") == "tcp://h:1?***");
  CHECK(display_urls_in("://") == "://");
}
