#include "srs-bench/http/http_redirect.h"

#include <doctest/doctest.h>

#include "srs-bench/figures/figures.h"

using namespace srs;
using namespace srs::bench;

namespace {

std::string leads_to(const char* from, const std::string& reference) {
  const auto url = redirected(*net::parse_url(from), reference);
  return url ? url->text() : "error: " + url.error().message;
}

constexpr const char* base = "http://h:8080/live/x.flv?token=1";

}  // namespace

TEST_CASE("a redirect is a URL, or a reference relative to the requested one") {
  CHECK(leads_to(base, "http://other:81/a/b.flv?q=2") == "http://other:81/a/b.flv?q=2");
  CHECK(leads_to(base, "//other:81/a") == "http://other:81/a");
  CHECK(leads_to(base, "/a/b?q=http://x/") == "http://h:8080/a/b?q=http://x/");
  CHECK(leads_to(base, "y.flv#here") == "http://h:8080/live/y.flv");
  CHECK(leads_to(base, "?q=2") == "http://h:8080/live/x.flv?q=2");
  CHECK(leads_to("rtmp://h/live/x", "rtmp://other:1936/live/y") == "rtmp://other:1936/live/y");
}

TEST_CASE("a redirect to another protocol is not followed, and its query not shown") {
  CHECK(leads_to(base, "https://h/a?token=secret")
            .starts_with("error: sent to https://h:443/a?token=***, which"));
  CHECK(leads_to("rtmp://h/live/x", "http://h/a").starts_with("error: sent to http://"));
  CHECK(leads_to(base, "http://").starts_with("error: "));
  CHECK(leads_to(base, "http://h:99999/").starts_with("error: "));
  const std::string long_words = leads_to(base, "gopher://" + std::string(10'000, 'a'));
  CHECK(long_words.size() < 500);
  CHECK(leads_to(base, "x://\x1b[31m").find('\x1b') == std::string::npos);
}

TEST_CASE("a field of a header is found whatever the case of its name") {
  const std::string header = "HTTP/1.1 302 Found\r\nlocatioN: \t/there \r\nX: y\r\n";
  CHECK(http_field(header, "location") == "/there");
  CHECK(http_field(header, "x") == "y");
  CHECK(http_field(header, "via").empty());
  CHECK(http_field("", "via").empty());
  CHECK(http_field("via: " + std::string(3000, 'a') + "\r\n", "via").empty());
}

TEST_CASE("the addresses of servers that players are sent to are bounded") {
  ServerAddresses addresses;
  for (std::size_t i = 0; i < ServerAddresses::servers_max; ++i)
    CHECK(addresses.of(*net::parse_url("http://127.0.0.1:" + std::to_string(i + 1) + "/")).ok());
  CHECK_FALSE(addresses.of(*net::parse_url("http://127.0.0.1:9999/")).ok());
  CHECK(addresses.of(*net::parse_url("http://127.0.0.1:1/")).ok());
}

TEST_CASE("causes of failures are counted, with the first one's detail, and bounded") {
  Failures failures;
  failures.add("refused", "live/0: no such stream");
  failures.add("refused", "live/1: no such stream");
  CHECK(failures.causes().at("refused").clients == 2);
  CHECK(failures.causes().at("refused").detail == "live/0: no such stream");
  for (int i = 0; i < 1000; ++i) failures.add("code " + std::to_string(i), "words");
  CHECK(failures.causes().size() == Failures::causes_max + 1);
  CHECK(failures.causes().at("other causes").clients == 1000 - (Failures::causes_max - 1));
  CHECK(failures.causes().at("other causes").detail.empty());
}
