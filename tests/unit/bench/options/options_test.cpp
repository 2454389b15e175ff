#include "srs-bench/options/options.h"

#include <doctest/doctest.h>

using namespace srs::bench;

TEST_CASE("numbers in URLs") {
  const auto url = [](const std::string& text, std::size_t n) {
    auto made = UrlTemplate::parse(text);
    REQUIRE(made.ok());
    return made->url(n);
  };
  CHECK(url("rtmp://h/live/x", 7) == "rtmp://h/live/x");
  CHECK(url("rtmp://h/live/{n}", 7) == "rtmp://h/live/7");
  CHECK(url("rtmp://h/live/{n:04}", 7) == "rtmp://h/live/0007");
  CHECK(url("rtmp://h/{n}/c{n:02}.flv", 123) == "rtmp://h/123/c123.flv");
  CHECK_FALSE(UrlTemplate::parse("rtmp://h/x")->numbered());
  CHECK(UrlTemplate::parse("rtmp://h/{n}")->numbered());
  for (const char* wrong : {"rtmp://h/{", "rtmp://h/{m}", "rtmp://h/{n:}", "rtmp://h/{n:0}",
                            "rtmp://h/{n:0x}", "rtmp://h/{n:04", "rtmp://h/{n:099999}"})
    CHECK_FALSE(UrlTemplate::parse(wrong).ok());
}

TEST_CASE("ramps") {
  CHECK(parse_ramp("5s", 100)->count() == 50'000);
  CHECK(parse_ramp("200/s", 100)->count() == 5'000);
  CHECK(parse_ramp("0", 100)->count() == 0);
  CHECK(parse_ramp("0.5/s", 1)->count() == 2'000'000);
  for (const char* wrong : {"", "fast", "/s", "0/s", "-1/s", "1e99/s", "nan/s", "5x/s"})
    CHECK_FALSE(parse_ramp(wrong, 10).ok());
}

TEST_CASE("option combinations") {
  Options options;
  options.url = "http://h/live/x.flv";
  CHECK(check(options).ok());
  options.settle = options.time;
  CHECK_FALSE(check(options).ok());  // nothing is measured
  options.settle = options.time - std::chrono::milliseconds(1);
  CHECK(check(options).ok());
  options.mode = Mode::publish;
  CHECK_FALSE(check(options).ok());
  options.url = "rtmp://h/live/x";
  CHECK_FALSE(check(options).ok());  // no input
  options.input = "a.flv";
  CHECK(check(options).ok());
  options.count = 2;
  CHECK_FALSE(check(options).ok());  // two on one stream
  options.url = "rtmp://h/live/{n}";
  CHECK(check(options).ok());
  options.url = "rtmp://h{n}/live/x";
  CHECK_FALSE(check(options).ok());  // many servers
}

TEST_CASE("options stand before or after the command") {
  for (const std::vector<const char*>& line :
       {std::vector<const char*>{"srs-bench", "-n", "5", "--for", "2s", "publish", "rtmp://h/{n}", "--input",
                                 "a"},
        std::vector<const char*>{"srs-bench", "publish", "--input", "a", "-n", "5", "rtmp://h/{n}", "--for",
                                 "2s"}}) {
    srs::cli::CommandLine command("srs-bench", "");
    Options options;
    add_options(command.app(), options);
    CHECK_FALSE(command.parse(static_cast<int>(line.size()), line.data()));
    CHECK(options.mode == Mode::publish);
    CHECK(options.count == 5);
    CHECK(options.url == "rtmp://h/{n}");
    CHECK(options.input == "a");
    CHECK(options.time.count() == 2000);
  }
}
