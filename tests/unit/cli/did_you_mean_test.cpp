#include "cli/did_you_mean.h"

#include <doctest/doctest.h>

using namespace srs;

namespace {

const std::vector<std::string> options{"--listen",         "--no-stdin", "--stdin",   "--max-lag",
                                       "--push-file",      "--push",     "--wait",    "--grace",
                                       "--accept-publish", "--on-full",  "--balance", "--log-format"};

}  // namespace

TEST_CASE("typing errors are recognised") {
  CHECK(cli::nearest("--lisen", options) == "--listen");
  CHECK(cli::nearest("--listne", options) == "--listen");
  CHECK(cli::nearest("-listen", options) == "--listen");
  CHECK(cli::nearest("--LISTEN", options) == "--listen");
  CHECK(cli::nearest("max-lagg", options) == "--max-lag");
  CHECK(cli::nearest("push-fil", options) == "--push-file");
  CHECK(cli::nearest("--puhs", options) == "--push");
  CHECK(cli::nearest("--acept-publsih", options) == "--accept-publish");
  CHECK(cli::nearest("--log_format", options) == "--log-format");
  CHECK(cli::nearest("mp4", {"ts", "fmp4"}) == "fmp4");
  CHECK(cli::nearest("plya", {"play", "publish"}) == "play");
}

TEST_CASE("a prefix of a single name suggests that name") {
  CHECK(cli::nearest("--accept", options) == "--accept-publish");
  CHECK(cli::nearest("aes", {"aes-128", "sample-aes"}) == "aes-128");
}

TEST_CASE("a word that resembles no name gets no suggestion") {
  for (const char* word : {"", "-", "--", "x", "--xyz", "--subscribe", "--li", "rtmp://host/app/key"})
    CHECK(cli::nearest(word, options) == "");
  CHECK(cli::nearest(std::string(100'000, 'a'), options) == "");
  CHECK(cli::nearest("split", {"muxed", "demuxed"}) == "");
  CHECK(cli::nearest("listen", {}) == "");
  CHECK(cli::nearest("listen", {"", std::string(1'000, 'l')}) == "");
}

TEST_CASE("a suggestion is a question after the message") {
  CHECK(cli::did_you_mean("--lisen", options) == ": did you mean --listen?");
  CHECK(cli::did_you_mean("--xyz", options) == "");
}
