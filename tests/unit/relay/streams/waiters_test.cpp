#include "srs-relay/streams/waiters.h"

#include <doctest/doctest.h>

#include <vector>

using namespace srs::relay;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Wanted wanted(std::string path, std::string permit = "", milliseconds patience = milliseconds(0)) {
  Wanted wanted;
  wanted.path = std::move(path);
  wanted.permit = std::move(permit);
  wanted.patience = patience;
  return wanted;
}

const auto everybody = [](const Wanted&, bool) { return true; };

}  // namespace

TEST_CASE("those who wait are woken by their path, once, and later") {
  asio::io_context io;
  Waiters waiters(io, srs::system_clock());
  std::vector<std::string> woken;
  for (const char* path : {"a", "a", "b"})
    REQUIRE(waiters.add(wanted(path), seconds(60), [&, path] { woken.push_back(path); }));
  CHECK(waiters.any("a"));
  waiters.wake("a", everybody);
  waiters.wake("nobody", everybody);
  CHECK(woken.empty());
  CHECK_FALSE(waiters.any("a"));  // whoever is woken waits no more, though its turn is still to come
  io.poll();
  CHECK(woken == std::vector<std::string>{"a", "a"});
  CHECK_FALSE(waiters.any("a"));
  CHECK(waiters.size() == 1);
  waiters.wake_all();
  io.restart();
  io.poll();
  CHECK(woken.size() == 3);
  CHECK(waiters.size() == 0);
}

TEST_CASE("whoever is woken may ask again at once") {
  asio::io_context io;
  Waiters waiters(io, srs::system_clock());
  int asked = 0;
  std::function<void()> again = [&] {
    if (++asked < 3) REQUIRE(waiters.add(wanted("a"), milliseconds(0), again));
  };
  REQUIRE(waiters.add(wanted("a"), milliseconds(0), again));
  io.run();
  CHECK(asked == 3);
  CHECK_FALSE(waiters.any("a"));
}

TEST_CASE("permits and patience tell who is woken") {
  asio::io_context io;
  Waiters waiters(io, srs::system_clock());
  std::vector<std::string> woken;
  const auto add = [&](const char* permit, milliseconds patience) {
    REQUIRE(
        waiters.add(wanted("a", permit, patience), seconds(60), [&, permit] { woken.push_back(permit); }));
  };
  add("patient", seconds(30));
  add("good", milliseconds(0));
  CHECK(waiters.any("a", "good"));
  CHECK_FALSE(waiters.any("a", "bad"));
  waiters.wake("a", [](const Wanted&, bool is_patient) { return !is_patient; });
  io.poll();
  CHECK(woken == std::vector<std::string>{"good"});
  waiters.wake("a", [](const Wanted& waiting, bool) { return waiting.permit == "patient"; });
  io.restart();
  io.poll();
  CHECK(woken.size() == 2);
}

TEST_CASE("so many wait and no more") {
  asio::io_context io;
  Waiters waiters(io, srs::system_clock());
  for (std::size_t i = 0; i < Waiters::most; ++i)
    REQUIRE(waiters.add(wanted(std::to_string(i % 5'000)), seconds(60), [] {}));
  CHECK_FALSE(waiters.add(wanted("one more"), seconds(60), [] {}));
  CHECK_FALSE(waiters.any("one more"));
  waiters.wake_all();
  io.run();
  CHECK(waiters.size() == 0);
}
