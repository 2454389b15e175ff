#include "rtmp/auth.h"

#include <doctest/doctest.h>

using namespace srs;
using namespace srs::rtmp;

namespace {

const std::string user = "alice", password = "s3cret&?%", challenge = "0a1b2c3d";

Authentication as_alice() {
  return {Credentials{user, password}, challenge};
}

bool asks(Authentication& authentication, const std::string& description, const std::string& app = "live") {
  const auto taken = authentication.take_refusal(description, app);
  REQUIRE(taken.ok());
  return *taken;
}

std::string refuses(Authentication authentication, const std::string& description) {
  const auto taken = authentication.take_refusal(description, "live");
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().code == Errc::unsupported);
  CHECK(taken.error().message.find(password) == std::string::npos);
  return taken.error().message;
}

}  // namespace

// Another program computed the responses from the formulas; FFmpeg sends the same.
TEST_CASE("adobe: first the name, then the response to salt and opaque, or salt and challenge") {
  Authentication authentication = as_alice();
  CHECK(authentication.query().empty());
  CHECK(asks(authentication, "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : "));
  CHECK(authentication.query() == "?authmod=adobe&user=alice");
  CHECK(asks(authentication,
             "[ AccessManager.Reject ] : [ authmod=adobe ] : "
             "?reason=needauth&user=alice&salt=salt1&challenge=chal2&opaque=opaq3"));
  CHECK(authentication.query() ==
        "?authmod=adobe&user=alice&challenge=0a1b2c3d&response=1KyMrT5jpqd5tZedxxzeYQ==&opaque=opaq3");

  // A server may ask at once, and without an opaque.
  Authentication at_once = as_alice();
  CHECK(asks(at_once, "[ authmod=adobe ] : ?reason=needauth&user=alice&salt=salt1&challenge=chal2"));
  CHECK(at_once.query() == "?authmod=adobe&user=alice&challenge=0a1b2c3d&response=sBAECqPDwvWBr0HplYxvrA==");
}

TEST_CASE("llnw: the response to a nonce, for an app with and without an instance") {
  const std::string asked = "[ AccessManager.Reject ] : [ authmod=llnw ] : ?reason=needauth&nonce=n0nce";
  for (const auto& [app, response] : {std::pair("live", "b23b822a24acfceb8fcb953cb99e1796"),
                                      std::pair("app/inst", "dba98d6a986d77a875b92a79f6545341")}) {
    Authentication authentication = as_alice();
    CHECK(asks(authentication, "[ AccessManager.Reject ] : [ code=403 need auth; authmod=llnw ] : ", app));
    CHECK(authentication.query() == "?authmod=llnw&user=alice");
    CHECK(asks(authentication, asked, app));
    CHECK(authentication.query() ==
          std::string("?authmod=llnw&user=alice&nonce=n0nce&cnonce=0a1b2c3d&nc=00000001&response=") +
              response);
  }
}

TEST_CASE("refusals that are for another reason, or for good") {
  Authentication other = as_alice();
  CHECK_FALSE(asks(other, ""));
  CHECK_FALSE(asks(other, "no such application"));
  const std::string need = "[ code=403 need auth; authmod=adobe ]";
  CHECK(refuses({Credentials{}, challenge}, need).find("rtmp://USER:PASSWORD@HOST") != std::string::npos);
  CHECK(refuses(as_alice(), "[ code=403 need auth; authmod=kerberos ]").find("'kerberos'") !=
        std::string::npos);
  for (const char* reason : {"authfailed", "nosuchuser"})
    CHECK(refuses(as_alice(), std::string("[ authmod=adobe ] : ?reason=") + reason).find("does not take") !=
          std::string::npos);
  CHECK(
      refuses(as_alice(), "authmod=adobe ?reason=needauth&salt=" + std::string(2'000, 'x')).find("length") !=
      std::string::npos);
  // A server that asks without end is not answered without end.
  Authentication again = as_alice();
  CHECK(asks(again, need));
  CHECK(refuses(again, need).find("does not take") != std::string::npos);
  CHECK(asks(again, "[ authmod=adobe ] : ?reason=needauth&salt=a&challenge=b"));
  CHECK(refuses(again, "[ authmod=adobe ] : ?reason=needauth&salt=a&challenge=b").find("does not take") !=
        std::string::npos);
}

TEST_CASE("credentials of URLs") {
  const auto of = [](const std::string& text) { return Credentials::of(*net::parse_url(text)); };
  CHECK(of("rtmp://example.com/live/a")->empty());
  const auto decoded = of("rtmp://al%69ce:s3cret%26%3F%25@example.com/live/a");
  REQUIRE(decoded);
  CHECK(decoded->user == "alice");
  CHECK(decoded->password == password);
  for (const char* wrong :
       {"rtmp://alice@example.com/live/a", "rtmp://:secret@example.com/live/a",
        "rtmp://alice:se%cret@example.com/live/a", "rtmp://a%26b:secret@example.com/live/a",
        "rtmp://a%0ab:secret@example.com/live/a"}) {
    const auto refused = of(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::usage);
    CHECK(refused.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("challenges differ") {
  const std::string one = Authentication::make_challenge(), two = Authentication::make_challenge();
  CHECK(one.size() == 8);
  CHECK(one != two);
}
