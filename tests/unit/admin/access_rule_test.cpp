#include "admin/access_rule.h"

#include <doctest/doctest.h>

using namespace srs;

namespace {

http::Request request(const std::string& host, const std::string& origin = "") {
  http::Request made;
  made.method = "GET";
  made.path = "/metrics";
  made.authority = host;
  made.headers.add("Host", host);
  if (!origin.empty()) made.headers.add("Origin", origin);
  return made;
}

bool answers(const std::string& host, const std::string& origin = "") {
  return admin::AccessRule({"ops.example.org"}, "127.0.0.1").refusal(request(host, origin)).empty();
}

}  // namespace

TEST_CASE("requests to addresses, localhost and our names are answered") {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:9090", "10.1.2.3:9090", "[::1]:9090", "[2001:db8::7]", "localhost",
        "LocalHost:9090", "ops.example.org", "OPS.example.org:9090", "ops.example.org."}) {
    CAPTURE(host);
    CHECK(answers(host));
  }
}

TEST_CASE("other names are refused: a page's server may point them here") {
  for (const char* host :
       {"attacker.example", "attacker.example:9090", "", "127.0.0.1.attacker.example",
        "ops.example.org.attacker.example", "localhost.attacker.example", "[::1", "0x7f000001"}) {
    CAPTURE(host);
    CHECK_FALSE(answers(host));
  }
}

TEST_CASE("the name that it listens at is answered, and pages on another port of it are refused") {
  const admin::AccessRule rule({}, "node7");
  CHECK(rule.refusal(request("node7:9090")).empty());
  CHECK(rule.refusal(request("node7:9090", "http://node7:9090")).empty());
  CHECK_FALSE(rule.refusal(request("node7:9090", "http://node7:3000")).empty());
}

TEST_CASE("a health check of HTTP/1.0 without Host is answered") {
  http::Request old;
  old.version_minor = 0;
  CHECK(admin::AccessRule({}).refusal(old).empty());
}

TEST_CASE("pages of other sites are refused") {
  CHECK(answers("127.0.0.1:9090", "http://127.0.0.1:9090"));
  CHECK(answers("127.0.0.1:9090", "https://ops.example.org"));
  CHECK(answers("ops.example.org", "https://ops.example.org"));
  for (const char* origin : {"http://attacker.example", "null", "http://127.0.0.1:8080", "http://127.0.0.1",
                             "file://", "http://ops.example.org.attacker.example", "ops.example.org"}) {
    CAPTURE(origin);
    CHECK_FALSE(answers("127.0.0.1:9090", origin));
  }
}
