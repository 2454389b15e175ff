#include "srs-relay/origins/balance.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

using namespace srs::relay;

namespace {

std::vector<Candidate> three() {
  return {{.name = "a"}, {.name = "b"}, {.name = "c"}};
}

}  // namespace

TEST_CASE("round robin takes turns, with the others behind as stand-ins") {
  Balancer balancer(Balance::round_robin);
  CHECK(balancer.order(three(), "x") == std::vector<std::size_t>{0, 1, 2});
  CHECK(balancer.order(three(), "x") == std::vector<std::size_t>{1, 2, 0});
  CHECK(balancer.order(three(), "x") == std::vector<std::size_t>{2, 0, 1});
  CHECK(balancer.order(three(), "x") == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("weights are kept exactly, and evenly spread") {
  Balancer balancer(Balance::weighted);
  auto candidates = three();
  candidates[0].weight = 5;
  std::string taken;
  for (int i = 0; i < 7; ++i) taken += candidates[balancer.order(candidates, "x").front()].name;
  CHECK(taken == "aabacaa");
}

TEST_CASE("least load first, for its weight; equals take turns") {
  Balancer balancer(Balance::least_conn);
  auto candidates = three();
  candidates[0].load = 10;
  candidates[1].load = 6;
  candidates[2].load = 18;
  candidates[2].weight = 6;
  CHECK(balancer.order(candidates, "x") == std::vector<std::size_t>{2, 1, 0});
  std::map<std::size_t, int> firsts;
  for (int i = 0; i < 9; ++i) ++firsts[balancer.order(three(), "x").front()];
  CHECK(firsts == std::map<std::size_t, int>{{0, 3}, {1, 3}, {2, 3}});
}

TEST_CASE("hash is the same for a stream on every node, whatever order its origins are given in") {
  Balancer one(Balance::hash), other(Balance::hash);
  const auto candidates = three();
  const std::vector<Candidate> turned = {candidates[2], candidates[0], candidates[1]};
  for (int i = 0; i < 100; ++i) {
    const std::string path = fmt::format("live/cam{}", i);
    CHECK(candidates[one.order(candidates, path).front()].name ==
          turned[other.order(turned, path).front()].name);
  }
  // Fixed for good: nodes of different versions have to agree.
  CHECK(rendezvous_score("live/cam1", "rtmp://a:1935", 1) == doctest::Approx(2.706726022158).epsilon(1e-9));
}

TEST_CASE("hash: an origin that goes moves only its own streams, and weights count") {
  Balancer balancer(Balance::hash);
  auto candidates = three();
  candidates[1].weight = 2;
  const std::vector<Candidate> without_c = {candidates[0], candidates[1]};
  std::map<std::string, int> share;
  for (int i = 0; i < 4000; ++i) {
    const std::string path = fmt::format("live/cam{}", i);
    const std::string name = candidates[balancer.order(candidates, path).front()].name;
    ++share[name];
    if (name != "c") CHECK(without_c[balancer.order(without_c, path).front()].name == name);
  }
  CHECK(share["a"] == doctest::Approx(1000).epsilon(0.12));
  CHECK(share["b"] == doctest::Approx(2000).epsilon(0.12));
}

TEST_CASE("a lower priority number comes first, whatever the policy says") {
  auto candidates = three();
  candidates[0].priority = 20;
  candidates[1].priority = 10;
  candidates[2].priority = 20;
  for (const auto policy : {Balance::round_robin, Balance::weighted, Balance::least_conn, Balance::hash}) {
    Balancer balancer(policy);
    for (int i = 0; i < 5; ++i) CHECK(balancer.order(candidates, "x").front() == 1);
  }
}

TEST_CASE("no candidates, no order") {
  for (const auto policy : {Balance::round_robin, Balance::weighted, Balance::least_conn, Balance::hash})
    CHECK(Balancer(policy).order({}, "x").empty());
}
