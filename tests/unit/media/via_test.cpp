#include "media/via.h"

#include <doctest/doctest.h>

using namespace srs::media;

TEST_CASE("a relay finds its id in via, whole ids only") {
  CHECK(came_through("a", "a"));
  CHECK(came_through("a,b,c", "b"));
  CHECK(came_through("a,b,c", "c"));
  CHECK_FALSE(came_through("", "a"));
  CHECK_FALSE(came_through("a", ""));
  CHECK_FALSE(came_through(",,", ""));
  CHECK_FALSE(came_through("ab,bc", "b"));
  CHECK_FALSE(came_through("b2,1b", "b"));
  CHECK(came_through(",a,", "a"));
}

TEST_CASE("via grows by the relay that passes the stream on") {
  CHECK(via_with("", "a") == "a");
  CHECK(via_with("a", "b") == "a,b");
  CHECK(via_with("a,b", "") == "a,b");
}
