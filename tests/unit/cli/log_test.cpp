#include "cli/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace srs;

namespace {

// The text written to stderr meanwhile.
class Stderr {
 public:
  Stderr() : before_(::dup(STDERR_FILENO)) {
    REQUIRE(::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC) == 0);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~Stderr() {
    ::dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) ::close(fd);
  }
  std::string text() const {
    std::array<char, 65536> bytes;
    const ssize_t size = ::read(ends_[0], bytes.data(), bytes.size());
    return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  int before_;
  std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("a line is one line, whatever is in it") {
  const Stderr written;
  const cli::Log log("tool", cli::LogLevel::info, cli::LogFormat::text);
  log.info("{}", "a\nb\xc2\x9b\xe2\x80\xae");
  CHECK(written.text() == "tool: a\\x0ab\\xc2\\x9b\\xe2\\x80\\xae\n");
  log.warning("{}", std::string(1 << 20, 'a'));
  CHECK(written.text().size() < cli::max_line_bytes + 100);
}

TEST_CASE("a JSON line is JSON, whatever is in it") {
  const Stderr written;
  const cli::Log log("tool", cli::LogLevel::info, cli::LogFormat::json);
  log.info("{}", "\xe0\x80\x80\"\xed\xa0\x80");
  const std::string line = written.text();
  CHECK(line.find(R"("message":"\\xe0\\x80\\x80\"\\xed\\xa0\\x80"})") != std::string::npos);
}

TEST_CASE("lines of one cause are merged, and the last ones are written at the end") {
  const Stderr written;
  {
    const cli::Log log("tool", cli::LogLevel::info, cli::LogFormat::text);
    for (int i = 0; i < 5; ++i) log.info_by({"absent", "10.0.0.7:1"}, "{}: no such stream", i);
    CHECK(written.text() == "tool: 0: no such stream\n");
  }
  CHECK(written.text() == "tool: 1: no such stream (and 3 more in 10 s; last from 10.0.0.7:1)\n");
}

TEST_CASE("lines below the log level are not counted either") {
  const Stderr written;
  {
    const cli::Log log("tool", cli::LogLevel::warning, cli::LogFormat::text);
    for (int i = 0; i < 5; ++i) log.info_by({"absent", ""}, "{}: no such stream", i);
  }
  CHECK(written.text().empty());
}

TEST_CASE("lines begin with the time and the node's name on request") {
  const Stderr written;
  cli::Log("tool", cli::LogLevel::info, cli::LogFormat::text, {true, "edge1"}).info("said");
  const std::string line = written.text();
  CHECK(line.substr(4, 1) == "-");
  CHECK(line.substr(10, 1) == "T");
  CHECK(line.substr(23) == "Z tool[edge1]: said\n");
  cli::Log("tool", cli::LogLevel::info, cli::LogFormat::text, {false, "edge1"}).warning("said");
  CHECK(written.text() == "tool[edge1]: warning: said\n");
  cli::Log("tool", cli::LogLevel::info, cli::LogFormat::json, {false, "edge1"}).info("said");
  CHECK(written.text().find(R"("tool":"tool","node":"edge1","message":"said")") != std::string::npos);
}

TEST_CASE("lines need a time where nobody else adds one") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  struct stat status {};
  REQUIRE(::fstat(ends[1], &status) == 0);
  const std::string journal = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  CHECK(cli::wants_time(ends[1], nullptr));
  CHECK(cli::wants_time(ends[1], ""));
  CHECK(cli::wants_time(ends[1], "8:1"));
  CHECK_FALSE(cli::wants_time(ends[1], journal.c_str()));
  CHECK_FALSE(cli::wants_time(-1, nullptr));
  for (const int fd : ends) ::close(fd);
}
