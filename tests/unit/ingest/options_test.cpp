#include "srs-ingest/options.h"

#include <doctest/doctest.h>

using namespace srs;
using namespace srs::ingest;

namespace {

Result<Options> parse(std::vector<const char*> arguments) {
  cli::CommandLine command("srs-ingest", "test");
  OptionReader reader(command);
  arguments.insert(arguments.begin(), "srs-ingest");
  REQUIRE_FALSE(command.parse(static_cast<int>(arguments.size()), arguments.data()));
  return reader.read();
}

std::string error_of(std::vector<const char*> arguments) {
  const auto options = parse(std::move(arguments));
  REQUIRE_FALSE(options);
  CHECK(options.error().code == Errc::usage);
  return options.error().message;
}

}  // namespace

TEST_CASE("one source alone, or one stream, is plain FLV; all else has channels") {
  CHECK(parse({"test:"})->is_plain());
  CHECK(parse({"--stream", "live/x", "--listen", "rtmp://:1935"})->is_plain());
  CHECK_FALSE(parse({"--listen", "rtmp://:1935"})->is_plain());
  CHECK_FALSE(parse({"--listen", "rtmp://:1935", "test:"})->is_plain());
  CHECK_FALSE(parse({"a.flv", "b.flv"})->is_plain());
  CHECK_FALSE(parse({"-"})->is_plain());  // its input decides
}

TEST_CASE("names go with sources in order") {
  const auto options = parse({"--name", "live/a", "--name", "live/b", "x.flv", "y.flv", "z.flv"});
  REQUIRE(options);
  CHECK(options->sources[0].path == "live/a");
  CHECK(options->sources[1].path == "live/b");
  CHECK(options->sources[2].path == "live/z");
  CHECK(options->sources[2].argument == "z.flv");
}

TEST_CASE("defaults") {
  const auto options = parse({"test:"});
  CHECK(options->grace == std::chrono::seconds(15));
  CHECK(options->takeover == live::Publications::Takeover::reject);
  CHECK_FALSE(options->on_full);
}

TEST_CASE("wrong command lines get an explanation") {
  CHECK(error_of({}).find("nothing to do") != std::string::npos);
  CHECK(error_of({"a.flv", "dir/a.mp4"}).find("both named live/a") != std::string::npos);
  CHECK(error_of({"--name", "live/a", "--name", "live/b", "x.flv"}).find("2 times for 1") !=
        std::string::npos);
  CHECK(error_of({"--name", "../x", "x.flv"}).find("bad stream name") != std::string::npos);
  CHECK(error_of({"--stream", "a b", "x.flv"}).find("bad stream name") != std::string::npos);
  CHECK(error_of({"--listen", "http://:8080"}).find("rtmp://") != std::string::npos);
  CHECK(error_of({"-", "-", "--name", "live/a"}).find("only once") != std::string::npos);
  CHECK(error_of({"--stream", "live/y", "x.flv"}).find("live/y") != std::string::npos);
}
