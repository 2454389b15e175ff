#include "audit/audit.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "unit/audit/audits.h"

namespace srs::audit {
namespace {

using nlohmann::json;

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
      line_of({.who = "a\nb\x1b[2J\"\\", .agent = "\xe2\x80\xa8\xe2\x80\xae\x7f", .reason = "\xff\xc3("}, {},
              {"t", ""});
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

TEST_CASE("the end under load keeps what was taken, and counts the rest") {
  const Directory directory;
  const std::string path = directory.file("audit.log");
  std::atomic<bool> goes_on = true;
  std::atomic<std::uint64_t> sent = 0;
  std::uint64_t lost = 0;
  for (int round = 0; round < 5; ++round) {
    auto audit = audit_to(path, {.queue_bytes = 200'000, .end_time = 60s});
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

TEST_CASE("without --audit there is none") {
  auto none = Audit::open({}, {"srs-test", ""}, quiet());
  REQUIRE(none);
  CHECK(*none == nullptr);
  CHECK_FALSE(Audit::open({.destination = "-"}, {"srs-test", ""}, quiet()));
}

}  // namespace srs::audit
