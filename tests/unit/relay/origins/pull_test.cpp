// The small parts of a pull: its query, and the way of a stream in HTTP fields.
#include <doctest/doctest.h>

#include "srs-relay/origins/pull_connection.h"
#include "srs-relay/origins/pull_query.h"
#include "srs-relay/origins/reported_load.h"
#include "srs-relay/streams/via_fields.h"
#include "srs-relay/streams/wanted.h"

using namespace srs::relay;
using std::chrono::milliseconds;

TEST_CASE("a pull's query has the origin's own, what is forwarded, and ours once") {
  CHECK(pull_query("", "") == "annotations=1&wait=0");
  CHECK(pull_query("key=1", "") == "key=1&annotations=1&wait=0");
  CHECK(pull_query("key=1", "token=a%20b&annotations=1&wait=5&via=x&sign=") ==
        "key=1&token=a%20b&sign=&annotations=1&wait=0");
  CHECK(pull_query("", "&&a&") == "a&annotations=1&wait=0");
  CHECK(pull_query("", "resume=1,x&a", "4711,t") == "a&annotations=1&wait=0&resume=4711,t");
}

TEST_CASE("what players of one permit have in common is their query without our own words") {
  CHECK(forwarded_query("") == "");
  CHECK(forwarded_query("wait=0&token=a&annotations=1&b&&via=x") == "token=a&b");
}

TEST_CASE("a query becomes what a URL may hold; escapes that are there stay") {
  CHECK(escape_query("token=a%20b&x=[1]+{2}~") == "token=a%20b&x=[1]+{2}~");
  CHECK(escape_query("a b#c\x01\x7f") == "a%20b%23c%01%7F");
}

TEST_CASE("queries and ways that have no place in a URL are refused at the door") {
  CHECK(check_query("", "").ok());
  CHECK(check_query("token=a b&x=\xc3\xa4", "a,b").ok());
  for (const char* query : {"a=\x01", "a=\r\nSet-Cookie: b", "\x7f", "\x1b[2J"})
    CHECK_FALSE(check_query(query, "").ok());
  CHECK(check_query(std::string(max_query_bytes, 'a'), "").ok());
  CHECK_FALSE(check_query(std::string(max_query_bytes + 1, 'a'), "").ok());
  CHECK_FALSE(check_query("", std::string(2'000, 'a')).ok());
  CHECK_FALSE(check_query("", "a\nb").ok());
}

TEST_CASE("who asks is an address, whatever its port") {
  CHECK(Wanted{.client = "10.0.0.7:50123"}.address() == "10.0.0.7");
  CHECK(Wanted{.client = "[2001:db8::7]:50123"}.address() == "[2001:db8::7]");
  CHECK(Wanted{}.address() == "");
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
  // It is sorted by: only numbers have an order.
  CHECK_FALSE(players_in_metrics("srs_players nan\n").has_value());
  CHECK(players_in_metrics("srs_players inf\nsrs_players 1e999\nsrs_players 5\n") == 5);
  CHECK(players_in_metrics("srs_players -3\nsrs_players 1e300\n") == 1e9);
  CHECK_FALSE(players_in_metrics("srs_players{stream=\"a\"").has_value());
}
