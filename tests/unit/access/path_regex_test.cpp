#include "access/path_regex.h"

#include <doctest/doctest.h>

namespace srs::access {
namespace {

bool matches(std::string_view regex, std::string_view path) {
  const auto parsed = PathRegex::parse(regex);
  REQUIRE_MESSAGE(parsed.ok(), regex);
  return parsed->matches(path);
}

TEST_CASE("regular expressions of stream names") {
  CHECK(matches("^live/cam[0-9]+$", "live/cam17"));
  CHECK_FALSE(matches("^live/cam[0-9]+$", "live/cam17/x"));
  CHECK_FALSE(matches("^live/cam[0-9]+$", "live/cam"));
  CHECK(matches("cam", "live/cam1"));
}

TEST_CASE("repetitions") {
  CHECK(matches("^ab*c$", "ac"));
  CHECK(matches("^ab*c$", "abbbc"));
  CHECK_FALSE(matches("^ab+c$", "ac"));
  CHECK(matches("^ab+c$", "abbc"));
  CHECK(matches("^ab?c$", "abc"));
  CHECK_FALSE(matches("^ab?c$", "abbc"));
  struct Case {
    const char* regex;
    int least, most;
    int step = 1;
  };
  for (const Case& one : {Case{"^a{3}$", 3, 3},
                          {"^a{2,}$", 2, 99},
                          {"^a{0,}$", 0, 99},
                          {"^a{2,4}$", 2, 4},
                          {"^a{0,2}$", 0, 2},
                          {"^a{0}$", 0, 0},
                          {"^(aa){1,2}$", 2, 4, 2},
                          {"^a{2,4}?$", 2, 4}})
    for (int i = 0; i < 12; ++i)
      CHECK_MESSAGE(matches(one.regex, std::string(static_cast<std::size_t>(i), 'a')) ==
                        (i >= one.least && i <= one.most && i % one.step == 0),
                    one.regex);
  CHECK(matches("^(ab|c)*$", "abcab"));
  CHECK_FALSE(matches("^(ab|c)*$", "abca"));
  CHECK(matches("^(()*|a)+$", "aa"));
}

TEST_CASE("alternatives, groups and anchors") {
  CHECK(matches("^a|b$", "ax"));
  CHECK(matches("^a|b$", "xb"));
  CHECK_FALSE(matches("^a|b$", "xax"));
  CHECK(matches("^(a|b)/\\d{2,4}$", "b/123"));
  CHECK_FALSE(matches("^(a|b)/\\d{2,4}$", "b/12345"));
  CHECK(matches("^(?:live|vod)/.*?$", "vod/x"));
  CHECK(matches("^(|a)$", ""));
  CHECK(matches("$^", ""));
  CHECK_FALSE(matches("a^b", "ab"));
  CHECK_FALSE(matches("a$b", "ab"));
  CHECK(matches("(^|/)cam(/|$)", "live/cam"));
  CHECK_FALSE(matches("(^|/)cam(/|$)", "live/cam1"));
}

TEST_CASE("classes of characters") {
  CHECK(matches("^[^/]+/[[:alpha:]_-]+$", "live/a_b-c"));
  CHECK_FALSE(matches("^[^/]+$", "a/b"));
  CHECK(matches("^[\\w.-]+$", "a_1.x-y"));
  CHECK(matches("^[]a]+$", "]a"));
  CHECK(matches("^[^]a]$", "b"));
  CHECK(matches("^[a-]+$", "a-a"));
  CHECK(matches("^\\w+\\.x\\/y\\-z$", "ab_1.x/y-z"));
  CHECK_FALSE(matches("^\\w+\\.x$", "abcx"));
  CHECK(matches("^\\D\\W\\S$", "a-b"));
  CHECK_FALSE(matches("^\\D$", "1"));
  CHECK(matches("\\[\\]\\{\\}\\$", "[]{}$"));
  CHECK(matches("^}]$", "}]"));
}

TEST_CASE("characters are those of UTF-8, not bytes") {
  CHECK(matches("^.$", "\xc3\xa9"));
  CHECK_FALSE(matches("^..$", "\xc3\xa9"));
  CHECK(matches("^\xc3\xa9+$", "\xc3\xa9\xc3\xa9"));
  CHECK(matches("^[\xc3\xa0-\xc3\xbf]$", "\xc3\xa9"));
  CHECK_FALSE(matches("^[\xc3\xa0-\xc3\xbf]$", "\xc3\x89"));
  CHECK(matches("^[^a]$", "\xf0\x9f\x98\x80"));
  CHECK(matches("^..$", "\xff\xc3"));  // no UTF-8
}

TEST_CASE("expressions that are not known here, or too large, are refused") {
  for (const char* text : {"(",
                           ")",
                           "(a",
                           "a)",
                           "[",
                           "[a",
                           "[]",
                           "[^]",
                           "[b-a]",
                           "[a-\\d]",
                           "[\\D]",
                           "[[:alpha]",
                           "[[:x:]]",

                           "a\\",
                           "\\1",
                           "(a)\\1",
                           "\\9",
                           "\\b",
                           "\\B",
                           "\\x41",
                           "\\pL",
                           "\\Q",
                           "\\z",
                           "(?i)a",
                           "(?=a)",
                           "(?<n>a)",
                           "(?P<n>a)",
                           "(?",
                           "a{",
                           "a{x}",
                           "a{1,2",
                           "a{1001}",
                           "a{-1}",
                           "a{,}",
                           "a{,5}",
                           "a{1,,2}",
                           "a{5,2}",
                           "a{99999999999999999999}",
                           "((a{8}){8}){8}",
                           "a{1000}",
                           "a\nb",
                           "[\n]",
                           "*a",
                           "+",
                           "|*",
                           "(*a)",
                           "a**",
                           "a+*",
                           "a{2}{3}",
                           "a*{2}",
                           "a???"})
    CHECK_FALSE_MESSAGE(PathRegex::parse(text), text);
  CHECK_FALSE(PathRegex::parse(""));
  CHECK_FALSE(PathRegex::parse(std::string(257, 'a')));
  CHECK_FALSE(PathRegex::parse(std::string_view("a\0b", 3)));
  CHECK(PathRegex::parse(std::string(256, 'a')));
  CHECK(PathRegex::parse("^a$").value().text() == "^a$");
  CHECK_FALSE(matches(".*", std::string(1025, 'a')));
  CHECK_FALSE(PathRegex().matches("a"));
}

TEST_CASE("expressions that take for ever elsewhere do not here") {
  const std::string path(255, 'a');
  CHECK(matches("^(a+)+$", path));
  for (const char* text : {"^(a*)*b$", "^(a|a)*b$", "^(a|aa)+b$", "(x+x+)+y", "^(.*)*b$", "((a*)*)*b",
                           "(a|b|ab)*c", "^(((a{0,4}){0,4}){0,4})*b$", "(((a?){1,}){0,8}){0,8}b",
                           "(a?){100}a{100}b", "(()|(()|(()|(()|()*)*)*)*)*b"})
    CHECK_FALSE_MESSAGE(matches(text, path), text);
  CHECK(PathRegex::parse(std::string(128, '(') + std::string(128, ')')));
}

}  // namespace
}  // namespace srs::access
