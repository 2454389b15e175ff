#include "access/credentials.h"

#include <doctest/doctest.h>

namespace srs::access {
namespace {

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

}  // namespace
}  // namespace srs::access
