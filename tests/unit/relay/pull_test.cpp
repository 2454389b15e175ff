// The small parts of a pull: its query, and the way of a stream in HTTP fields.
#include <doctest/doctest.h>

#include "srs-relay/origins.h"
#include "srs-relay/pull_connection.h"
#include "srs-relay/pull_query.h"
#include "srs-relay/wanted.h"

using namespace srs::relay;
using std::chrono::milliseconds;

TEST_CASE("a pull's query has the origin's own, what is forwarded, and ours once") {
  CHECK(pull_query("", "") == "annotations=1&wait=0");
  CHECK(pull_query("key=1", "") == "key=1&annotations=1&wait=0");
  CHECK(pull_query("key=1", "token=a%20b&annotations=1&wait=5&via=x&sign=") ==
        "key=1&token=a%20b&sign=&annotations=1&wait=0");
  CHECK(pull_query("", "&&a&") == "a&annotations=1&wait=0");
}

TEST_CASE("the way of a stream, as an HTTP field and back") {
  CHECK(via_to_field("") == "");
  CHECK(via_to_field("a,b") == "1.1 a, 1.1 b");
  CHECK(via_from_field("1.1 a, 1.1 b") == "a,b");
  CHECK(via_from_field("1.1 a,1.0 b") == "a,b");
  CHECK(via_from_field("1.1 proxy (some comment), 1.1 b, nonsense, ,") == "b");
  CHECK(via_from_field("") == "");
}

TEST_CASE("a player may wait less than the relay would let it, never more") {
  CHECK(patience_of("", milliseconds(10'000)) == milliseconds(10'000));
  CHECK(patience_of("wait=0", milliseconds(10'000)) == milliseconds(0));
  CHECK(patience_of("a=b&wait=500ms", milliseconds(10'000)) == milliseconds(500));
  CHECK(patience_of("wait=1h", milliseconds(10'000)) == milliseconds(10'000));
  CHECK(patience_of("wait=soon", milliseconds(10'000)) == milliseconds(10'000));
}

TEST_CASE("the load in an origin's metrics is the sum of its players") {
  CHECK(players_in_metrics(
            "# TYPE srs_players gauge\nsrs_players{stream=\"a\"} 3\nsrs_players{stream=\"b }x\"} 4\n") == 7);
  CHECK(players_in_metrics("srs_players 12") == 12);
  CHECK_FALSE(players_in_metrics("srs_players_total{stream=\"a\"} 3\nsrs_playersx 1\n").has_value());
  CHECK_FALSE(players_in_metrics("").has_value());
  CHECK_FALSE(players_in_metrics("srs_players{stream=\"a\"").has_value());
}
