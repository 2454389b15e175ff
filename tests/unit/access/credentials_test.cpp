#include "access/credentials.h"

#include <doctest/doctest.h>

#include "access/guesses.h"
#include "access/http.h"

namespace srs::access {
namespace {

using namespace std::chrono_literals;

http::Request request(std::string query, std::initializer_list<http::Headers::Field> fields = {}) {
  http::Request made;
  made.query = std::move(query);
  for (const auto& [name, value] : fields) made.headers.add(name, value);
  return made;
}

TEST_CASE("what a query shows") {
  const Credentials shown = credentials_of_query("a=b&key=k%2Fx&token=t&user=u&pass=p%20q&key=second");
  CHECK(shown.key == "k/x");
  CHECK(shown.token == "t");
  CHECK(shown.user == "u");
  CHECK(shown.password == "p q");
  CHECK_FALSE(credentials_of_query("a=b").any());
  CHECK_FALSE(credentials_of_query("key=" + std::string(10'000, 'x')).any());
}

TEST_CASE("what an HTTP request shows") {
  const Credentials basic = credentials_of(request("", {{"Authorization", "basic  dXNlcjpwYTpzcw=="}}));
  CHECK(basic.user == "user");
  CHECK(basic.password == "pa:ss");
  CHECK(credentials_of(request("", {{"Authorization", "Bearer abc"}})).token == "abc");
  CHECK(credentials_of(request("token=q", {{"Authorization", "Bearer abc"}})).token == "abc");
  CHECK(credentials_of(request("", {{"Cookie", "a=b; srs_token=c; d=e"}})).token == "c");
  for (const char* field :
       {"", "Basic", "Basic ", "Basic !!!!", "Basic dXNlcg==", "Bearer", "Bearerabc", "Digest x=y"})
    CHECK_FALSE_MESSAGE(credentials_of(request("", {{"Authorization", field}})).any(), field);
  CHECK_FALSE(credentials_of(request("", {{"Cookie", "xsrs_token=c; srs_tokenx=d"}})).any());
}

TEST_CASE("what a playlist's URIs carry") {
  CHECK(carried_query("key=a&_HLS_msn=4&sig=b%2f&start=x") == "key=a&sig=b%2f");
  CHECK(carried_query("key=a\"b&token=c") == "token=c");
  CHECK(carried_query("key=a<b") == "");
  CHECK(carried_query("key=" + std::string(5'000, 'x')) == "");
  CHECK(carried_query("") == "");
}

TEST_CASE("refusals over HTTP") {
  const auto unknown = refusal_response({Refusal::Kind::unknown, "why"});
  CHECK(unknown.status == 401);
  CHECK(unknown.headers.find("WWW-Authenticate") != nullptr);
  CHECK(unknown.body.find("why") == std::string::npos);
  CHECK(refusal_response({Refusal::Kind::forbidden, ""}).status == 403);
  CHECK(refusal_response({Refusal::Kind::too_many, ""}).status == 429);
  CHECK(refusal_response({Refusal::Kind::unavailable, ""}).headers.find("Retry-After") != nullptr);
}

TEST_CASE("guessing is slowed down, and forgiven") {
  Guesses guesses;
  const auto address = asio::ip::make_address("192.0.2.7"), other = asio::ip::make_address("192.0.2.8");
  const Clock::TimePoint start = Clock::TimePoint(1h);
  for (unsigned i = 0; i < Guesses::free_guesses; ++i) guesses.wrong(address, start);
  CHECK(guesses.delay(address, start) == 0ms);
  guesses.wrong(address, start);
  CHECK(guesses.delay(address, start) == Guesses::first_delay);
  for (int i = 0; i < 1'000; ++i) guesses.wrong(address, start);
  CHECK(guesses.delay(address, start) == Guesses::longest_delay);
  CHECK(guesses.delay(other, start) == 0ms);
  CHECK(guesses.delay(address, start + 24h) == 0ms);
  guesses.wrong(address, start + 24h);
  CHECK(guesses.delay(address, start + 24h) == 0ms);
}

TEST_CASE("a crowd of guessing addresses is forgotten rather than kept") {
  Guesses guesses;
  for (std::uint32_t i = 0; i < 3 * Guesses::addresses_max; ++i)
    for (unsigned j = 0; j < 1 + i % 2; ++j)
      guesses.wrong(asio::ip::address_v4(0x0b00'0000 + i), Clock::TimePoint(1h));
  CHECK(guesses.size() <= Guesses::addresses_max);
}

}  // namespace
}  // namespace srs::access
