#include "audit/audit.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

namespace srs::audit {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const cli::Log& quiet() {
  static const cli::Log log("test", cli::LogLevel::error, cli::LogFormat::text);
  return log;
}

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/srs-audit-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::unique_ptr<Audit> audit_to(const std::string& path, Limits limits = {}) {
  auto destination = open_file(path);
  REQUIRE_MESSAGE(destination, (destination ? "" : destination.error().message));
  return std::make_unique<Audit>(*std::move(destination), Writer{"srs-test", "edge1"}, quiet(), limits);
}

template <class Test>
bool soon(Test test) {
  for (int i = 0; i < 500; ++i) {
    if (test()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

// A destination that does what a test says.
class Stand : public Destination {
 public:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;  // otherwise write() hangs
    std::vector<std::string> lines;
  };
  explicit Stand(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  Outcome write(std::span<const Record> records) override {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [&] { return shared_->open; });
    for (const Record& record : records) shared_->lines.push_back(record.line);
    return {records.size(), {}};
  }
  std::string name() const override { return "stand"; }

 private:
  std::shared_ptr<Shared> shared_;
};

void open(Stand::Shared& shared) {
  const std::lock_guard lock(shared.mutex);
  shared.open = true;
  shared.changed.notify_all();
}

}  // namespace

TEST_CASE("an event is a line of JSON with what is known") {
  const Event event{.kind = Kind::publish,
                    .who = "alice",
                    .identity = "users.alice",
                    .address = "10.0.0.7:50123",
                    .agent = "FMLE/3.0",
                    .protocol = "rtmp",
                    .path = "live/cam1",
                    .reason = "why",
                    .duration = 12'500ms,
                    .bytes = 0,
                    .id = "17"};
  const auto time = std::chrono::system_clock::time_point(1'795'938'475'123ms);
  CHECK(line_of(event, time, {"srs-relay", "edge1"}) ==
        R"({"time":"2026-11-29T07:47:55.123Z","tool":"srs-relay","node":"edge1","event":"publish",)"
        R"("who":"alice","identity":"users.alice","address":"10.0.0.7:50123","agent":"FMLE/3.0",)"
        R"("protocol":"rtmp","path":"live/cam1","reason":"why","duration_s":12.5,"bytes":0,"id":"17"})"
        "\n");
  CHECK(line_of({.kind = Kind::reload}, time, {"srs-relay", ""}) ==
        "{\"time\":\"2026-11-29T07:47:55.123Z\",\"tool\":\"srs-relay\",\"event\":\"reload\"}\n");
  CHECK(name_of(Kind::limit) == "limit");
  CHECK(name_of(Kind::unpublish) == "unpublish");
}

TEST_CASE("texts are cut between characters, and nothing of them reaches a reader unescaped") {
  Event event{.who = std::string(255, 'x') + "\xc3\xa4",
              .path = std::string(300, 'p'),
              .reason = std::string(5000, 'r')};
  limit_texts(event);
  CHECK(event.who.size() == 255);
  CHECK(event.path.size() == 255);
  CHECK(event.reason.size() == 256);
  const std::string line =
      line_of({.who = "a\nb\x1b[2J\"\\", .agent = "\xe2\x80\xa8\xe2\x80\xae\x7f", .reason = "\xff\xc3(\0"},
              {}, {"t", ""});
  for (const char c : line.substr(0, line.size() - 1)) CHECK((c >= ' ' && c < 0x7f));
  const auto object = json::parse(line);
  CHECK(object["who"] == "a\nb\x1b[2J\"\\");
  CHECK(object["agent"] == "\xe2\x80\xa8\xe2\x80\xae\x7f");
  CHECK(object["reason"] == "\xef\xbf\xbd\xef\xbf\xbd(");
}

TEST_CASE("events are in the file, in order, with the mode of a private file") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  const auto umask_before = ::umask(0);
  {
    const auto audit = audit_to(path);
    for (int i = 0; i < 1000; ++i) audit->write({.kind = Kind::play, .id = std::to_string(i)});
  }
  ::umask(umask_before);
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 1000);
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(json::parse(lines[i])["id"] == std::to_string(i));
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

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

TEST_CASE("a full disk costs events, not time, and is told of") {
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t lost = 0;
  {
    const auto audit = audit_to("/dev/full", {.queue_bytes = 100'000, .retry_time = 20ms, .end_time = 300ms});
    for (int i = 0; i < 100'000; ++i) audit->write({.kind = Kind::connect, .address = "10.0.0.7:50123"});
    lost = audit->lost();
    CHECK(lost > 90'000);
    CHECK(audit->written() == 0);
  }
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("lost events are told of by an event once there is room") {
  const auto shared = std::make_shared<Stand::Shared>();
  {
    Audit audit(std::make_unique<Stand>(shared), {"srs-test", ""}, quiet(), {.queue_bytes = 10'000});
    for (int i = 0; i < 10'000; ++i) audit.write({.kind = Kind::play});
    CHECK(audit.lost() > 9'000);
    const std::uint64_t lost = audit.lost();
    open(*shared);
    REQUIRE(soon([&] { return audit.written() > 10'000 - lost; }));
  }
  std::uint64_t plays = 0, told = 0;
  for (const std::string& line : shared->lines) {
    const auto event = json::parse(line);
    plays += event["event"] == "play" ? 1 : 0;
    if (event["event"] == "limit") told += std::stoull(event["reason"].get<std::string>().substr(7));
  }
  CHECK(told > 9'000);
  CHECK(plays + told == 10'000);
}

TEST_CASE("a destination that hangs does not hold the end") {
  const auto shared = std::make_shared<Stand::Shared>();
  auto audit = std::make_unique<Audit>(std::make_unique<Stand>(shared), Writer{"srs-test", ""}, quiet(),
                                       Limits{.end_time = 200ms});
  audit->write({.kind = Kind::play});
  const auto start = std::chrono::steady_clock::now();
  audit.reset();
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  open(*shared);  // its thread ends
  CHECK(soon([&] { return shared.use_count() == 1; }));
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

TEST_CASE("a hundred thousand events of hostile text are as many lines, each JSON") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  constexpr int writers = 4, each = 25'000;
  std::uint64_t lost = 0, written = 0;
  {
    const auto audit = audit_to(path, {.queue_bytes = 1u << 30, .end_time = 60s});
    std::vector<std::thread> threads;
    for (int t = 0; t < writers; ++t)
      threads.emplace_back([&audit, t] {
        std::uint32_t state = static_cast<std::uint32_t>(t) * 7919 + 1;
        for (int i = 0; i < each; ++i) {
          std::string text;
          for (int b = 0; b < i % 40; ++b)
            text += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
          audit->write({.kind = Kind::refused,
                        .who = text,
                        .agent = text + "\n{\"event\":\"admin\"}",
                        .path = text,
                        .id = std::to_string(t * each + i)});
        }
      });
    for (std::thread& thread : threads) thread.join();
    REQUIRE(soon([&] { return audit->written() == writers * each; }));
    lost = audit->lost();
    written = audit->written();
  }
  CHECK(lost == 0);
  CHECK(written == writers * each);
  std::set<std::string> ids;
  for (const std::string& line : lines_of(path)) {
    const auto object = json::parse(line, nullptr, false);
    if (object.is_object() && object["event"] == "refused") ids.insert(object["id"]);
  }
  CHECK(ids.size() == writers * each);
}

TEST_CASE("two processes may append to one file") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  {
    const auto one = audit_to(path), two = audit_to(path);
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

TEST_CASE("the end under load keeps what was taken, and counts the rest") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  std::atomic<bool> goes_on = true;
  std::atomic<std::uint64_t> sent = 0;
  std::uint64_t lost = 0;
  for (int round = 0; round < 5; ++round) {
    auto audit = audit_to(path, {.queue_bytes = 200'000});
    goes_on = true;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&] {
        while (goes_on) audit->write({.kind = Kind::play}), ++sent;
      });
    std::this_thread::sleep_for(30ms);
    goes_on = false;
    for (std::thread& thread : threads) thread.join();
    lost += audit->lost();
    audit.reset();
  }
  const auto lines = lines_of(path);
  std::size_t events = 0;
  for (const std::string& line : lines) events += json::parse(line)["event"] == "play" ? 1 : 0;
  CHECK(events + lost == sent);
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

TEST_CASE("without --audit there is none") {
  auto none = Audit::open({}, {"srs-test", ""}, quiet());
  REQUIRE(none);
  CHECK(*none == nullptr);
  CHECK_FALSE(Audit::open({.destination = "-"}, {"srs-test", ""}, quiet()));
}

}  // namespace srs::audit
