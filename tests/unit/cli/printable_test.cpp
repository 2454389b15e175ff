#include <doctest/doctest.h>

#include <string>

#include "cli/log.h"

using namespace srs;

TEST_CASE("a peer's bytes reach a terminal only as printable text") {
  CHECK(cli::printable("live/cam1") == "live/cam1");
  CHECK(cli::printable("a\x1b[2Jb\n") == "a\\x1b[2Jb\\x0a");
  CHECK(cli::printable("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(cli::printable("\xe7\x94\xbb \xf0\x9f\x8e\xa5") == "\xe7\x94\xbb \xf0\x9f\x8e\xa5");
}

TEST_CASE("bytes that are not UTF-8 are escaped") {
  CHECK(cli::printable("\xc3(") == "\\xc3(");
  CHECK(cli::printable("\xff\xfe") == "\\xff\\xfe");
  // Longer forms of '/', a surrogate, beyond the last code point, cut short.
  for (const char* wrong : {"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
    CHECK(cli::printable(wrong).find_first_not_of("\\x0123456789abcdef") == std::string::npos);
}

TEST_CASE("C1 controls, direction marks, separators and zero-width characters are escaped") {
  CHECK(cli::printable("\xc2\x9b[2J") == "\\xc2\\x9b[2J");
  for (const char* hidden :
       {"\xc2\x80", "\xc2\x9f", "\xd8\x9c", "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9", "\xef\xbb\xbf"})
    CHECK(cli::printable(hidden).find_first_not_of("\\x0123456789abcdef") == std::string::npos);
  CHECK(cli::printable("\xc2\xa0") == "\xc2\xa0");
}

TEST_CASE("a peer's text is cut between characters") {
  CHECK(cli::peer_text("short") == "short");
  const std::string full(cli::max_peer_text_bytes, 'a');
  CHECK(cli::peer_text(full) == full);
  CHECK(cli::peer_text(full + "b") == full + "...");
  std::string wide(cli::max_peer_text_bytes - 1, 'a');
  wide += "\xc3\xbc!";
  CHECK(cli::peer_text(wide) == wide.substr(0, cli::max_peer_text_bytes - 1) + "...");
}
