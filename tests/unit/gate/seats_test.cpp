#include "gate/seats.h"

#include <doctest/doctest.h>

namespace srs::gate {
namespace {

struct Player {
  access::Question question{.action = access::Action::play, .path = "live/a", .address = "192.0.2.7:1"};
  access::Grant grant{"live/a", {}, "", access::never};
};

Player of(std::string path, std::string user, std::string address) {
  Player player;
  player.grant.path = std::move(path);
  player.grant.user = std::move(user);
  player.question.address = std::move(address);
  return player;
}

TEST_CASE("each limit counts for itself, and a seat is free once it is given back") {
  Seats seats({.players = 4, .players_per_stream = 3, .players_per_address = 2, .players_per_user = 1});
  const auto take = [&](const Player& player) { return seats.take(player.question, player.grant); };
  auto first = take(of("live/a", "alice", "192.0.2.7:1")).value();
  auto refused = take(of("live/b", "alice", "192.0.2.8:1"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "there are 1 players of this user already (--max-players-per-user)");
  const auto second = take(of("live/a", "", "192.0.2.7:2")).value();
  CHECK(take(of("live/b", "", "192.0.2.7:3")).error().message.find("per-address") != std::string::npos);
  auto third = take(of("live/a", "", "192.0.2.8:1")).value();
  CHECK(take(of("live/a", "", "192.0.2.9:1")).error().message.find("per-stream") != std::string::npos);
  const auto fourth = take(of("live/b", "", "192.0.2.9:1")).value();
  CHECK(take(of("live/c", "", "192.0.2.10:1")).error().message.find("(--max-players)") != std::string::npos);
  first.reset();
  CHECK(take(of("live/c", "alice", "192.0.2.7:9")));
  const auto copy = third;
  third.reset();
  CHECK_FALSE(take(of("live/a", "", "192.0.2.11:1")).value() == nullptr);
}

TEST_CASE("addresses: a /64 is one, loopback is none") {
  Seats seats({.players_per_address = 1});
  const auto take = [&](const char* address) {
    const Player player = of("live/a", "", address);
    return seats.take(player.question, player.grant);
  };
  const auto one = take("[2001:db8::7]:1").value();
  CHECK_FALSE(take("[2001:db8::8]:1"));
  CHECK(take("[2001:db8:0:1::8]:1"));
  const auto local = take("127.0.0.1:1").value(), other = take("127.0.0.1:2").value();
}

TEST_CASE("publishers count per user only") {
  Seats seats({.players = 1, .streams_per_user = 1});
  Player publisher = of("live/a", "alice", "192.0.2.7:1");
  publisher.question.action = access::Action::publish;
  const auto one = seats.take(publisher.question, publisher.grant).value();
  publisher.grant.path = "live/b";
  CHECK_FALSE(seats.take(publisher.question, publisher.grant));
  publisher.grant.user = "";
  CHECK(seats.take(publisher.question, publisher.grant));
  CHECK(seats.take(of("live/a", "alice", "192.0.2.7:1").question, of("live/a", "alice", "").grant));
}

}  // namespace
}  // namespace srs::gate
