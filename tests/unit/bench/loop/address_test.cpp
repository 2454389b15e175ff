#include "srs-bench/loop/address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

using namespace srs;
using namespace srs::bench;

TEST_CASE("addresses to connect from") {
  const auto server = resolve(*net::parse_url("http://127.0.0.1:8080/x"));
  REQUIRE(server.ok());
  const auto local = local_addresses("127.0.0.2,127.0.0.3", *server);
  REQUIRE(local.ok());
  REQUIRE(local->size() == 2);
  const auto& second = reinterpret_cast<const sockaddr_in&>((*local)[1].storage);
  CHECK(second.sin_addr.s_addr == ::inet_addr("127.0.0.3"));
  CHECK(second.sin_port == 0);
  CHECK(local_addresses("", *server)->empty());
  // A name, an empty one, another family, and one that is not ours (192.0.2.0/24 is for documentation).
  for (const char* wrong : {"here", "127.0.0.2,,127.0.0.3", "::1", "192.0.2.1"})
    CHECK_FALSE(local_addresses(wrong, *server).ok());
}
