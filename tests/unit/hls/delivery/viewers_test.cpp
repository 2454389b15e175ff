#include "srs-hls/delivery/viewers.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

const Viewers::Time begun{1h};

}  // namespace

TEST_CASE("a viewer is an address and a user agent that keep requesting") {
  Viewers viewers;
  for (int second = 0; second < 20; second += 2) {
    viewers.on_request("live/a", "192.0.2.1", "one", 2, begun + std::chrono::seconds(second));
    viewers.on_request("live/a", "192.0.2.1", "two", 2, begun + std::chrono::seconds(second));
    viewers.forget(begun + std::chrono::seconds(second));
    CHECK(viewers.watching("live/a") == 2);
  }
  viewers.on_request("live/b", "192.0.2.1", "one", 2, begun + 18s);
  CHECK(viewers.watching("live/b") == 1);
  CHECK(viewers.watching("live/none") == 0);
}

TEST_CASE("viewers without a request for three target durations and five seconds are gone") {
  Viewers viewers;
  viewers.on_request("live/a", "192.0.2.1", "one", 4, begun);
  viewers.on_request("live/a", "192.0.2.2", "one", 4, begun + 5s);
  viewers.forget(begun + 16s);
  CHECK(viewers.watching("live/a") == 2);
  viewers.forget(begun + 17s);
  CHECK(viewers.watching("live/a") == 1);
  viewers.forget(begun + 22s);
  CHECK(viewers.watching("live/a") == 0);
}

TEST_CASE("the number of viewers is bounded, and there is room again once some are gone") {
  Viewers viewers;
  for (std::size_t i = 0; i < Viewers::viewers_max + 1'000; ++i)
    viewers.on_request("live/a", "192.0.2.1", fmt::format("agent {}", i), 2, begun);
  CHECK(viewers.watching("live/a") == Viewers::viewers_max);
  viewers.forget(begun + 1min);
  CHECK(viewers.watching("live/a") == 0);
  viewers.on_request("live/b", "192.0.2.1", "one", 2, begun + 1min);
  CHECK(viewers.watching("live/b") == 1);
}

}  // namespace srs::hls
