#include "access/jwt.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "access/unix_time.h"
#include "unit/access/token_signer.h"
#include "unit/access/token_vectors.h"

namespace srs::access {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const UtcTime now = time_of_seconds(std::int64_t{1'800'000'000});
constexpr std::int64_t now_seconds = 1'800'000'000;
const std::string secret = "a secret of 32 bytes, or of more.";

JwkSet one_secret() {
  return {{Jwk::from_secret(secret).value()}, {}};
}

std::string kind_of(const TokenResult& result) {
  if (std::holds_alternative<TokenClaims>(result)) return "right";
  switch (std::get<TokenRefusal>(result).refusal.kind) {
    case Refusal::Kind::wrong:
      return "wrong";
    case Refusal::Kind::expired:
      return "expired";
    case Refusal::Kind::unavailable:
      return "unavailable";
    default:
      return "?";
  }
}

// Of claims as text, signed with the secret.
std::string asked(const std::string& claims, const TokenRules& rules = {}) {
  return kind_of(verify_token(hmac_token(secret, R"({"alg":"HS256"})", claims), rules, one_secret(), now));
}

TEST_CASE("tokens of another implementation, of every algorithm") {
  const auto keys = parse_jwks(vectors::jwks, Secrets::taken).value();
  for (const std::string_view token : vectors::tokens) {
    const auto result = verify_token(token, {}, keys, now);
    REQUIRE_MESSAGE(kind_of(result) == "right", token);
    const TokenClaims& claims = std::get<TokenClaims>(result);
    CHECK(claims.subject == "alice");
    CHECK(claims.expires == time_of_seconds(std::int64_t{4'102'444'800}) + 30s);
    CHECK(claims.fingerprint != 0);
    CHECK(claims.permissions.empty());
    CHECK(kind_of(verify_token(token, {}, keys, time_of_seconds(std::int64_t{4'102'444'830}))) == "expired");
  }
}

TEST_CASE("RFC 7515 appendix A.1 to A.3: HS256, RS256, ES256") {
  const std::string payload =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const json keys = {
      {"keys",
       {{{"kty", "oct"},
         {"k", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}},
        {{"kty", "RSA"},
         {"n",
          "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-"
          "yRT-SFd2l"
          "ZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
          "UTo7WTBEM"
          "a2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
          "h9iaGNj8q2ethFkMLs91kzk2P"
          "AcDTW9gb54h4FRWyuXpoQ"},
         {"e", "AQAB"}},
        {{"kty", "EC"},
         {"crv", "P-256"},
         {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
         {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}}}};
  const auto set = parse_jwks(keys.dump(), Secrets::taken).value();
  const UtcTime then = time_of_seconds(std::int64_t{1'300'819'379});
  for (const std::string& token :
       {"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + payload +
            ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "eyJhbGciOiJSUzI1NiJ9." + payload +
            ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
            "O8W2Fp5jujGbds9uJdb"
            "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
            "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383Lc"
            "OLn6_dO--xi12jzDwusC-"
            "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVm"
            "tVrBp0igcN_IoypGlUPQGe77Rw",
        "eyJhbGciOiJFUzI1NiJ9." + payload +
            ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"}) {
    const auto result = verify_token(token, {}, set, then);
    REQUIRE_MESSAGE(kind_of(result) == "right", token);
    CHECK(std::get<TokenClaims>(result).issuer == "joe");
    CHECK(kind_of(verify_token(token, {}, set, then + 31s)) == "expired");
  }
}

TEST_CASE("exp, nbf and iat, with leeway") {
  const auto at = [](const char* name, std::int64_t seconds) {
    json claims{{"exp", now_seconds + 100}};
    claims[name] = seconds;
    return asked(claims.dump());
  };
  CHECK(at("exp", now_seconds - 29) == "right");
  CHECK(at("exp", now_seconds - 30) == "expired");
  CHECK(at("nbf", now_seconds + 30) == "right");
  CHECK(at("nbf", now_seconds + 31) == "wrong");
  CHECK(at("iat", now_seconds + 30) == "right");
  CHECK(at("iat", now_seconds + 31) == "wrong");
  CHECK(asked("{}") == "wrong");
  CHECK(asked("{}", {.needs_expiry = false}) == "right");
}

TEST_CASE("every number as a time is defined") {
  for (const char* exp : {"1800000001", "1800000001.5", "1.9e9", "4294967296", "9223372036", "9223372037",
                          "9223372036854775807", "9223372036854775808", "18446744073709551615",
                          "18446744073709551616", "1e300", "1.7976931348623157e308"})
    CHECK_MESSAGE(asked(std::string("{\"exp\":") + exp + "}") == "right", exp);
  for (const char* exp :
       {"0", "-1", "-0.0", "1.5", "-1e300", "-9223372036854775808", "-9223372036854775809", "1e-400"})
    CHECK_MESSAGE(asked(std::string("{\"exp\":") + exp + "}") == "expired", exp);
  for (const char* exp : {"\"1800000001\"", "\"123\"", "null", "true", "[]", "{}", "1e400", "-1e400", "NaN",
                          "Infinity", "01800000001", "0x7fffffff", "1800000001,\"exp\":1800000001"})
    CHECK_MESSAGE(asked(std::string("{\"exp\":") + exp + "}") == "wrong", exp);
  CHECK(asked(R"({"exp":1e300,"nbf":1e300})") == "wrong");
  CHECK(asked(R"({"exp":1e300,"nbf":-1e300,"iat":-1e300})") == "right");
  CHECK(asked(R"({"exp":1e300,"iat":"1"})") == "wrong");
  const auto keys = one_secret();
  const std::string token = hmac_token(secret, R"({"alg":"HS256"})", R"({"exp":1e300})");
  CHECK(std::get<TokenClaims>(verify_token(token, {}, keys, now)).expires == never);
  CHECK(kind_of(verify_token(token, {.leeway = std::chrono::hours(24 * 365 * 200)}, keys, never - 1s)) ==
        "right");
}

TEST_CASE("audience and issuer") {
  const TokenRules rules{.issuer = "https://id.example", .audience = {"srs", "other"}};
  const auto with = [&](json aud, const json& iss = "https://id.example") {
    return asked(json{{"exp", now_seconds + 1}, {"iss", iss}, {"aud", std::move(aud)}}.dump(), rules);
  };
  CHECK(with("srs") == "right");
  CHECK(with({"x", "other"}) == "right");
  CHECK(with("SRS") == "wrong");
  CHECK(with("srs ") == "wrong");
  CHECK(with(json::array()) == "wrong");
  CHECK(with({1, json::object(), {"srs"}}) == "wrong");
  CHECK(with(json{{"srs", 1}}) == "wrong");
  CHECK(with(json()) == "wrong");
  CHECK(with("srs", "https://id.example/") == "wrong");
  CHECK(with("srs", json({"https://id.example"})) == "wrong");
  CHECK(with("srs", 5) == "wrong");
  CHECK(asked(R"({"exp":1900000000,"aud":"srs"})", rules) == "wrong");
  CHECK(asked(R"({"exp":1900000000,"iss":"https://id.example"})", rules) == "wrong");
  CHECK(asked(R"({"exp":1900000000,"iss":"anybody","aud":"anything"})") == "right");
  CHECK(asked(R"({"exp":1900000000,"sub":["x"]})") == "wrong");
}

TEST_CASE("keys are chosen by their id, exactly") {
  const TokenSigner old_key = TokenSigner::ec("P-256"), new_key = TokenSigner::ec("P-256");
  const json claims{{"exp", now_seconds + 1}};
  const JwkSet both{{old_key.key("old"), new_key.key("new")}, {}},
      none_named{{old_key.key(), new_key.key()}, {}};
  const auto ask = [&](const TokenSigner& signer, const json& header, const JwkSet& keys) {
    return verify_token(signer.token(Algorithm::es256, claims, header), {}, keys, now);
  };
  CHECK(std::get<TokenClaims>(ask(new_key, {{"kid", "new"}}, both)).key_id == "new");
  CHECK(kind_of(ask(new_key, json::object(), both)) == "right");
  CHECK(kind_of(ask(new_key, {{"kid", "any"}}, none_named)) == "right");
  const auto unknown = [&](const TokenResult& result) { return std::get<TokenRefusal>(result).key_unknown; };
  CHECK_FALSE(unknown(ask(new_key, {{"kid", "old"}}, both)));
  CHECK(unknown(ask(new_key, {{"kid", "newer"}}, both)));
  CHECK(unknown(ask(new_key, {{"kid", "NEW"}}, both)));
  CHECK(unknown(ask(new_key, {{"kid", "any"}}, {{old_key.key()}, {}})));
  CHECK(unknown(ask(new_key, json::object(), {{old_key.key("old")}, {}})));
  CHECK(kind_of(ask(new_key, {{"kid", "new"}}, {})) == "unavailable");
  CHECK(unknown(ask(new_key, {{"kid", "new"}}, {})));
  JwkSet many;
  for (int i = 0; i < 16; ++i) many.keys.push_back(old_key.key());
  many.keys.push_back(new_key.key());
  CHECK(kind_of(ask(new_key, json::object(), many)) == "wrong");
}

TEST_CASE("only algorithms of the rules") {
  const std::string claims = R"({"exp":1900000000})";
  CHECK(asked(claims, {.algorithms = {Algorithm::hs256}}) == "right");
  CHECK(asked(claims, {.algorithms = {Algorithm::rs256, Algorithm::hs512}}) == "wrong");
}

TEST_CASE("permissions of a token") {
  const TokenRules rules{.permissions_claim = "https://srs/permissions"};
  const auto result = verify_token(
      hmac_token(
          secret, R"({"alg":"HS256"})",
          R"({"exp":1900000000,"https://srs/permissions":["play live/*"],"permissions":["admin.write"]})"),
      rules, one_secret(), now);
  const auto& permissions = std::get<TokenClaims>(result).permissions;
  REQUIRE(permissions.size() == 1);
  CHECK(permissions[0].is_for(Action::play));
  CHECK(permissions[0].covers_path("live/x"));
  CHECK(asked(R"({"exp":1900000000,"https://srs/permissions":["watch live/*"]})", rules) == "wrong");
  CHECK(asked(R"({"exp":1900000000,"https://srs/permissions":null})", rules) == "wrong");
  CHECK(asked(R"({"exp":1900000000})", rules) == "right");
}

TEST_CASE("what looks like a token") {
  for (const std::string_view token : vectors::tokens) CHECK(looks_like_token(token));
  for (const char* text : {"", "eyJ", "eyJ.", "a.b.c", "eyJ.b.c.d", "secret"})
    CHECK_FALSE(looks_like_token(text));
}

}  // namespace
}  // namespace srs::access
