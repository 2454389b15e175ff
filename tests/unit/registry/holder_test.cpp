#include "registry/holder.h"

#include <doctest/doctest.h>

#include "registry/redis.h"

namespace srs::registry {
namespace {

TEST_CASE("a holder is decoded as it was encoded") {
  const Holder holder{"origin-0", {"rtmp://10.0.0.7:1936", "http://10.0.0.7:8080"}, 1'764'000'000};
  const auto read = decode_holder(encode(holder));
  REQUIRE(read);
  CHECK(*read == holder);
}

TEST_CASE("foreign values under our keys") {
  for (const std::string text :
       {"", "1", "[]", "{}", "{\"node\":1,\"urls\":[\"a\"]}", "{\"node\":\"a\"}",
        "{\"node\":\"a\",\"urls\":\"b\"}", "{\"node\":\"a\",\"urls\":[]}", "{\"node\":\"a\",\"urls\":[1]}",
        "{\"node\":\"a\",\"urls\":[\"b\"]", "\xff\xfe"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_holder(text));
  }
  CHECK_FALSE(decode_holder("{\"node\":\"a\",\"urls\":[\"" + std::string(600, 'x') + "\"]}"));
  CHECK_FALSE(decode_holder("{\"node\":\"" + std::string(5000, 'x') + "\",\"urls\":[\"b\"]}"));
  const auto many =
      decode_holder("{\"node\":\"a\",\"urls\":[\"1\",\"2\",\"3\",\"4\",\"5\"],\"since\":\"x\"}");
  REQUIRE(many);
  CHECK(many->urls.size() == max_urls);
  CHECK(many->since_s == 0);
}

TEST_CASE("URLs of a registry") {
  const auto plain = parse_redis_server("redis://cache");
  REQUIRE(plain);
  CHECK(plain->url.port == 6379);
  CHECK(plain->database() == 0);
  const auto full = parse_redis_server("redis://edge%40x@cache:6380/3");
  REQUIRE(full);
  CHECK(full->url.user == "edge@x");
  CHECK(full->url.port == 6380);
  CHECK(full->database() == 3);
  const auto open = parse_redis_server("redis://:se%20same@cache");
  REQUIRE(open);
  CHECK(open->password == "se same");
  CHECK(open->url.display().find("same") == std::string::npos);
  for (const std::string text :
       {"cache:6379", "http://cache", "rediss://cache", "redis://", "redis://cache/x", "redis://cache/1x",
        "redis://u:secret@cache:0", "redis://u:secret%@cache", "redis://cache:0"}) {
    CAPTURE(text);
    const auto wrong = parse_redis_server(text);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message.find("secret") == std::string::npos);
  }
}

}  // namespace
}  // namespace srs::registry
