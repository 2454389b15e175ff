#include "cli/config_file.h"

#include <doctest/doctest.h>

using namespace srs;

namespace {

// "section/name=value|value" of each entry; a value without quotation marks is marked by ~.
std::vector<std::string> entries_of(std::string_view text) {
  const auto parsed = cli::parse_config(text, "FILE");
  REQUIRE_MESSAGE(parsed.ok(), parsed.error().message);
  std::vector<std::string> shown;
  for (const cli::ConfigEntry& entry : *parsed) {
    std::string line = (entry.section.empty() ? "" : entry.section + "/") + entry.name;
    for (std::size_t i = 0; i < entry.values.size(); ++i)
      line += (i > 0 ? "|" : "=") + std::string(entry.values[i].bare ? "~" : "") + entry.values[i].text;
    shown.push_back(std::move(line));
  }
  return shown;
}

std::string error_of(std::string_view text) {
  const auto parsed = cli::parse_config(text, "FILE");
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == Errc::usage);
  return parsed.error().message;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a configuration has one name and value per line, with comments and blanks anywhere") {
  CHECK(entries_of("") == Lines{});
  CHECK(entries_of("# nothing\n; nor here\n\n   \t\n") == Lines{});
  CHECK(entries_of("wait=2s\r\n  listen =\trtmp://:1935  \r\nno-stdin") ==
        Lines{"wait=~2s", "listen=~rtmp://:1935", "no-stdin"});
  CHECK(entries_of("\xef\xbb\xbfwait = 2s # long enough\npass # tee") == Lines{"wait=~2s", "pass"});
  CHECK(entries_of("--wait=2s\n\"grace\" = 5s") == Lines{"wait=~2s", "grace=~5s"});
  CHECK(entries_of("name=") == Lines{"name=~"});
}

TEST_CASE("a # within a value is part of it, and so is anything else that looks like syntax") {
  CHECK(entries_of("push=rtmp://h/a/k#1;x=y,z") == Lines{"push=~rtmp://h/a/k#1;x=y,z"});
  CHECK(entries_of("record-name = '%Y # %m'  # comment") == Lines{"record-name=%Y # %m"});
  CHECK(entries_of(R"(name = "say \"so\" \\ 100\%")") == Lines{R"(name=say "so" \ 100\%)"});
  CHECK(entries_of(R"(name = 'as it \" is')") == Lines{R"(name=as it \" is)"});
}

TEST_CASE("lists may go over several lines") {
  CHECK(entries_of("origin = [\"rtmp://a\", 'rtmp://b' ,rtmp://c]") ==
        Lines{"origin=rtmp://a|rtmp://b|rtmp://c"});
  CHECK(entries_of("origin=[ # two\n  \"rtmp://a\", # the first\n\n  \"rtmp://b\",\n]  # done\nwait=2s") ==
        Lines{"origin=rtmp://a|rtmp://b", "wait=~2s"});
  CHECK(entries_of("origin = []\nwait=2s") == Lines{"wait=~2s"});
}

TEST_CASE("sections are separate, and [default] is none") {
  CHECK(entries_of("a=1\n[ play ] # bench\nb=2\n[default]\nc=3") == Lines{"a=~1", "play/b=~2", "c=~3"});
}

TEST_CASE("malformed lines are errors with their number, and without their text") {
  CHECK(error_of("a=1\nlisten rtmp://h/a/secret") == "FILE, line 2: this is not a line like name=value");
  CHECK(error_of("\n=secret") == "FILE, line 2: this is not a line like name=value");
  CHECK(error_of("a=\"secret") == "FILE, line 1: a \" opens a text that does not end on this line");
  CHECK(error_of("a='b' secret") == "FILE, line 1: something follows the closing quotation mark");
  CHECK(error_of("\n\na=[1,\n2") == "FILE, line 3: a [ opens a list that does not end");
  CHECK(error_of("a=[1 2") == "FILE, line 1: a [ opens a list that does not end");
  CHECK(error_of("a=['1' '2']") == "FILE, line 1: two items of the list have no comma between them");
  CHECK(error_of("a=[1,,2]") == "FILE, line 1: a comma too many in the list");
  CHECK(error_of("a=[[1]]") == "FILE, line 1: a list has no lists in it");
  CHECK(error_of("a=[1] secret") == "FILE, line 1: something follows the list's ]");
  CHECK(error_of("[play") == "FILE, line 1: a section is a name in brackets, alone on its line");
  CHECK(error_of("[[play]]") == "FILE, line 1: a section is a name in brackets, alone on its line");
  CHECK(error_of("[]") == "FILE, line 1: a section is a name in brackets");
  CHECK(error_of("a=1\nb=\x1b[31m") == "FILE, line 2: there is a control character in it");
  CHECK(error_of(std::string_view("a\0b=1", 5)) == "FILE, line 1: there is a control character in it");
  CHECK(error_of(std::string(cli::max_config_bytes + 1, '\n')) == "FILE: larger than 1MiB");
}
