#include "srs-relay/streams/slow_players.h"

#include <doctest/doctest.h>

using namespace srs::relay;
using namespace std::chrono_literals;

TEST_CASE("slow players are told of by address, those who missed most first") {
  SlowPlayers slow;
  CHECK(slow.consume() == "");
  slow.add("10.0.0.7:50123", 2s);
  slow.add("[2001:db8::7]:1", 500ms);
  slow.add("10.0.0.7:50124", 1s);
  CHECK(slow.consume() == "10.0.0.7 missed 3.0 s in 2 skips, [2001:db8::7] missed 0.5 s in 1 skip");
  CHECK(slow.consume() == "");
}

TEST_CASE("a crowd of slow players is bounded, in memory and in the line") {
  SlowPlayers slow;
  for (int i = 1; i <= 4; ++i) slow.add("10.0.0." + std::to_string(i) + ":1", std::chrono::seconds(i));
  CHECK(slow.consume() ==
        "10.0.0.4 missed 4.0 s in 1 skip, 10.0.0.3 missed 3.0 s in 1 skip, 10.0.0.2 missed 2.0 s in 1 skip, "
        "and 1 "
        "more address");
  for (int i = 0; i < 100'000; ++i) slow.add("10.0." + std::to_string(i) + ".1:1", 1s);
  const std::string line = slow.consume();
  CHECK(line.size() < 400);
  CHECK(line.ends_with(", and more than 61 other addresses"));
}
