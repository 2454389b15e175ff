#include "cli/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace srs;

namespace {

// What is written to stderr meanwhile.
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

TEST_CASE("lines of one cause become one, and the last ones are said at the end") {
  const Stderr written;
  {
    const cli::Log log("tool", cli::LogLevel::info, cli::LogFormat::text);
    for (int i = 0; i < 5; ++i) log.info_by({"absent", "10.0.0.7:1"}, "{}: no such stream", i);
    CHECK(written.text() == "tool: 0: no such stream\n");
  }
  CHECK(written.text() == "tool: 1: no such stream (and 3 more in 10 s; last from 10.0.0.7:1)\n");
}

TEST_CASE("what is not to be said is not counted either") {
  const Stderr written;
  {
    const cli::Log log("tool", cli::LogLevel::warning, cli::LogFormat::text);
    for (int i = 0; i < 5; ++i) log.info_by({"absent", ""}, "{}: no such stream", i);
  }
  CHECK(written.text().empty());
}
