#include "audit/destination.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "unit/audit/audits.h"

namespace srs::audit {
namespace {

using nlohmann::json;

}  // namespace

TEST_CASE("what cannot be an audit is refused with a reason") {
  const Directory directory;
  const auto wrong = [](const std::string& text) {
    const auto opened = open_destination(text, {"srs-test", ""});
    return opened ? std::string() : opened.error().message;
  };
  CHECK(wrong("-").find("standard output") != std::string::npos);
  CHECK_FALSE(wrong("").empty());
  CHECK_FALSE(wrong(directory.file("missing/audit.log")).empty());
  CHECK_FALSE(wrong("/tmp").empty());
  std::filesystem::create_symlink(directory.file("other"), directory.file("link"));
  CHECK(wrong(directory.file("link")).find("symbolic link") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(directory.file("other")));
  CHECK_FALSE(wrong("/dev/stdout").empty());
  CHECK_FALSE(open_syslog(directory.file("no-socket"), "srs-test"));
  CHECK(wrong(directory.file("audit.log")).empty());
}

TEST_CASE("a FIFO without a reader: events wait, and come when there is one") {
  const Directory directory;
  const std::string path = directory.file("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  auto audit = audit_to(path, {.retry_time = 20ms});
  for (int i = 0; i < 3; ++i) audit->write({.kind = Kind::play, .id = std::to_string(i)});
  std::this_thread::sleep_for(100ms);
  CHECK(audit->written() == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  CHECK(soon([&] { return audit->written() == 3; }));
  char text[4096];
  const ssize_t size = ::read(reader, text, sizeof text);
  REQUIRE(size > 0);
  CHECK(std::count(text, text + size, '\n') == 3);
  ::close(reader);  // the next event meets a FIFO without a reader again: no SIGPIPE
  audit->write({.kind = Kind::stop});
  std::this_thread::sleep_for(100ms);
  const int again = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  CHECK(soon([&] { return audit->written() == 4; }));
  audit.reset();
  ::close(again);
}

TEST_CASE("a FIFO whose reader is slow gets whole lines") {
  const Directory directory;
  const std::string path = directory.file("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  auto audit = audit_to(path, {.retry_time = 10ms});
  constexpr std::size_t events = 2000;  // more than the pipe holds
  for (std::size_t i = 0; i < events; ++i)
    audit->write({.kind = Kind::play, .reason = std::string(200, 'r'), .id = std::to_string(i)});
  std::this_thread::sleep_for(300ms);
  std::string come;
  char text[8192];
  CHECK(soon([&] {
    for (ssize_t size = 0; (size = ::read(reader, text, sizeof text)) > 0;)
      come.append(text, static_cast<std::size_t>(size));
    return static_cast<std::size_t>(std::count(come.begin(), come.end(), '\n')) >= events;
  }));
  std::size_t read = 0;
  for (std::size_t at = 0; at < come.size(); at = come.find('\n', at) + 1)
    CHECK(json::parse(come.substr(at, come.find('\n', at) - at))["id"] == std::to_string(read++));
  CHECK(read == events);
  audit.reset();
  ::close(reader);
}

TEST_CASE("a rotated file is left, and the next events are in the new one") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  const auto audit = audit_to(path);
  audit->write({.kind = Kind::play, .id = "old"});
  REQUIRE(soon([&] { return audit->written() == 1; }));
  std::filesystem::rename(path, path + ".1");
  audit->write({.kind = Kind::play, .id = "old too"});
  REQUIRE(soon([&] { return audit->written() == 2; }));
  audit->reopen();
  audit->write({.kind = Kind::play, .id = "new"});
  REQUIRE(soon([&] { return audit->written() == 3; }));
  CHECK(lines_of(path + ".1").size() == 2);
  REQUIRE(lines_of(path).size() == 1);
  CHECK(json::parse(lines_of(path)[0])["id"] == "new");

  std::filesystem::remove(path);
  std::filesystem::create_symlink(path + ".1", path);
  audit->reopen();  // refused: it goes on with the file it had
  audit->write({.kind = Kind::play});
  REQUIRE(soon([&] { return audit->written() == 4; }));
  CHECK(lines_of(path + ".1").size() == 2);
}

TEST_CASE("two processes may append to one file") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  {
    const auto one = audit_to(path, {.end_time = 60s}), two = audit_to(path, {.end_time = 60s});
    for (int i = 0; i < 5000; ++i) {
      one->write({.kind = Kind::play, .reason = std::string(200, 'a')});
      two->write({.kind = Kind::play, .reason = std::string(200, 'b')});
    }
  }
  const auto lines = lines_of(path);
  CHECK(lines.size() == 10'000);
  CHECK(std::all_of(lines.begin(), lines.end(), [](const auto& line) { return json::accept(line); }));
}

TEST_CASE("a line cut short by a limit is written again whole, on a line of its own") {
  const Directory directory;
  const std::string path = directory.file("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  auto destination = *open_file(path);
  const int size = ::fcntl(reader, F_SETPIPE_SZ, 4096);
  REQUIRE(size == 4096);
  const std::vector<Record> records{{{}, {}, std::string(5999, 'x') + "\n"}};  // more than the pipe holds
  const auto failed = destination->write(records);
  CHECK(failed.written == 0);
  REQUIRE(failed.error);
  std::string come(20'000, ' ');
  const auto read_all = [&] { return static_cast<std::size_t>(::read(reader, come.data(), come.size())); };
  CHECK(read_all() == 4096);
  const auto after = destination->write(std::vector<Record>{{{}, {}, "line\n"}});
  CHECK(after.written == 1);
  REQUIRE(read_all() == 6);
  CHECK(come.substr(0, 6) == "\nline\n");
  ::close(reader);
}

TEST_CASE("syslog gets one datagram an event") {
  const Directory directory;
  const std::string path = directory.file("log");
  const int receiver = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  REQUIRE(::bind(receiver, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  auto destination = open_syslog(path, "srs-test");
  REQUIRE(destination);
  const std::vector<Record> records{{{}, std::chrono::system_clock::now(), "{\"a\":1}\n"}};
  CHECK((*destination)->write(records).written == 1);
  char text[1024] = {};
  REQUIRE(::recv(receiver, text, sizeof text - 1, 0) > 0);
  const std::string line = text;
  CHECK(line.starts_with("<86>"));
  CHECK(line.ends_with(" srs-test[" + std::to_string(::getpid()) + "]: {\"a\":1}"));
  ::close(receiver);
  CHECK_FALSE((*destination)->write(records).written == 1);
}

}  // namespace srs::audit
