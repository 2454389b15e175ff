#include "access/jwk.h"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <nlohmann/json.hpp>

#include "access/base64url.h"
#include "access/jwk_set.h"
#include "unit/access/token_signer.h"
#include "unit/access/token_vectors.h"

namespace srs::access {
namespace {

using nlohmann::json;

const json& vector_keys() {
  static const json keys = json::parse(vectors::jwks)["keys"];
  return keys;
}

json one(const char* id) {
  for (const json& key : vector_keys())
    if (key["kid"] == id) return key;
  REQUIRE(false);
  return {};
}

json with(json key, const char* member, json value) {
  key[member] = std::move(value);
  return key;
}

Result<JwkSet> set_of(std::initializer_list<json> keys) {
  return parse_jwks(json{{"keys", json(keys)}}.dump(), Secrets::taken);
}

Errc code_of(const json& key) {
  const auto read = Jwk::from_json(key);
  REQUIRE_FALSE(read.ok());
  return read.error().code;
}

TEST_CASE("each key fits its own algorithms and no others") {
  const auto set = parse_jwks(vectors::jwks, Secrets::taken).value();
  CHECK(set.left_out.empty());
  REQUIRE(set.keys.size() == 6);
  const std::vector<std::vector<std::string_view>> wanted{
      {"HS256", "HS384", "HS512"},
      {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
      {"ES256"},
      {"ES384"},
      {"ES512"},
      {"EdDSA"}};
  for (std::size_t i = 0; i < set.keys.size(); ++i) {
    std::vector<std::string_view> fitting;
    for (std::size_t a = 0; a < algorithm_count; ++a)
      if (set.keys[i].fits(static_cast<Algorithm>(a))) fitting.push_back(name_of(static_cast<Algorithm>(a)));
    CHECK(fitting == wanted[i]);
    for (std::size_t j = 0; j < i; ++j) CHECK(set.keys[i].fingerprint() != set.keys[j].fingerprint());
  }
  for (const char* name : {"none", "None", "NONE", "", "hs256", "HS256 ", "ES256K", "RSA-OAEP"})
    CHECK_FALSE(algorithm_named(name).has_value());
}

TEST_CASE("alg, use and key_ops are honoured") {
  const Jwk only = Jwk::from_json(with(one("rsa"), "alg", "RS256")).value();
  CHECK(only.fits(Algorithm::rs256));
  CHECK_FALSE(only.fits(Algorithm::rs512));
  CHECK_FALSE(only.fits(Algorithm::ps256));
  CHECK(code_of(with(one("rsa"), "alg", "HS256")) == Errc::invalid_data);
  CHECK(code_of(with(one("es256"), "alg", "ES384")) == Errc::invalid_data);
  CHECK(code_of(with(one("rsa"), "alg", "RSA-OAEP")) == Errc::unsupported);
  CHECK(code_of(with(one("rsa"), "alg", 5)) == Errc::unsupported);
  CHECK(code_of(with(one("rsa"), "use", "enc")) == Errc::unsupported);
  CHECK(code_of(with(one("rsa"), "use", json())) == Errc::unsupported);
  CHECK(code_of(with(one("rsa"), "key_ops", json::array())) == Errc::unsupported);
  CHECK(code_of(with(one("rsa"), "key_ops", {"encrypt", "sign"})) == Errc::unsupported);
  CHECK(code_of(with(one("rsa"), "key_ops", "verify")) == Errc::unsupported);
  CHECK(Jwk::from_json(with(one("rsa"), "key_ops", {"sign", "verify"})));
  CHECK(Jwk::from_json(with(one("ed"), "alg", "Ed25519")));
}

TEST_CASE("weak and broken keys are refused, and say why") {
  CHECK(code_of(json::parse(vectors::weak_rsa_jwk)) == Errc::refused);
  CHECK(Jwk::from_json(json::parse(vectors::weak_rsa_jwk)).error().message.find("1024 bits") !=
        std::string::npos);
  CHECK(Jwk::from_secret(std::string(15, 's')).error().message.find("15 bytes") != std::string::npos);
  CHECK(Jwk::from_secret(std::string(16, 's')));
  CHECK(code_of({{"kty", "oct"}, {"k", encode_base64url("short")}}) == Errc::refused);
  CHECK(code_of({{"kty", "oct"}, {"k", "not base64url, and long enough"}}) == Errc::invalid_data);
  CHECK(code_of({{"kty", "oct"}}) == Errc::invalid_data);
  for (const char* exponent : {"", "AA", "AQ", "Ag", "BA"})  // none, 0, 1, 2, 4
    CHECK_FALSE_MESSAGE(Jwk::from_json(with(one("rsa"), "e", exponent)), exponent);
  CHECK_FALSE(Jwk::from_json(with(one("rsa"), "e", encode_base64url(std::string(9, '\x7f')))));
  CHECK_FALSE(Jwk::from_json(with(one("rsa"), "n", encode_base64url(std::string(1025, '\x7f')))));
  CHECK_FALSE(Jwk::from_json(with(one("rsa"), "n", "")));
  CHECK_FALSE(Jwk::from_json(with(one("rsa"), "n", 5)));
  CHECK(code_of({{"kty", "rsa"}, {"crv", "x"}}) == Errc::unsupported);
  CHECK(code_of({{"n", "x"}}) == Errc::invalid_data);
  CHECK(code_of("text") == Errc::invalid_data);
  CHECK(code_of(with(one("rsa"), "kid", 7)) == Errc::invalid_data);
  CHECK(code_of(with(one("rsa"), "kid", std::string(257, 'k'))) == Errc::invalid_data);
}

TEST_CASE("points that are not on their curve are refused") {
  const json key = one("es256");
  const std::string x = key["x"], y = key["y"];
  CHECK_FALSE(Jwk::from_json(with(key, "x", y)));
  CHECK_FALSE(Jwk::from_json(with(key, "y", encode_base64url(std::string(32, '\0')))));
  CHECK_FALSE(Jwk::from_json(with(key, "x", encode_base64url(std::string(32, '\xff')))));
  CHECK_FALSE(Jwk::from_json(with(key, "x", encode_base64url('\0' + *decode_base64url(x)))));
  CHECK_FALSE(Jwk::from_json(with(key, "crv", "P-384")));
  CHECK_FALSE(Jwk::from_json(with(key, "crv", "secp256k1")));
  CHECK_FALSE(Jwk::from_json(with(key, "crv", "Ed25519")));
  CHECK_FALSE(Jwk::from_json(with(one("ed"), "crv", "X25519")));
  CHECK_FALSE(Jwk::from_json(with(one("ed"), "x", encode_base64url(std::string(31, 'x')))));
}

TEST_CASE("a JWK Set leaves out what it cannot use, but is not left without keys") {
  const json weak = json::parse(vectors::weak_rsa_jwk), strange = {{"kty", "new"}, {"kid", "strange"}};
  const auto set = set_of({weak, one("rsa"), strange}).value();
  CHECK(set.keys.size() == 1);
  REQUIRE(set.left_out.size() == 2);
  CHECK(set.left_out[0].starts_with("key \"weak\": an RSA key of 1024 bits"));
  CHECK(set_of({weak, strange}).error().message.find("1024 bits") != std::string::npos);
  CHECK_FALSE(set_of({}));
  CHECK_FALSE(parse_jwks(json{{"keys", {one("hs")}}}.dump(), Secrets::refused));
  CHECK(set_of({one("hs")}));
}

TEST_CASE("what is no JWK Set is refused") {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[]} )", "null",
        R"({"keys":[],"keys":[]})", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"\xff\"}]}"})
    CHECK_FALSE_MESSAGE(parse_jwks(text, Secrets::taken), text);
  json many = {{"keys", json::array()}};
  for (int i = 0; i < 64; ++i) many["keys"].push_back(one("ed"));
  CHECK(parse_jwks(many.dump(), Secrets::taken).value().keys.size() == 64);
  many["keys"].push_back(one("ed"));
  CHECK(parse_jwks(many.dump(), Secrets::taken).error().code == Errc::too_large);
  const std::string spaces = vectors::jwks.data() + std::string(256 * 1024, ' ');
  CHECK(parse_jwks(spaces, Secrets::taken).error().code == Errc::too_large);
  CHECK(parse_jwks(std::string(100'000, '['), Secrets::taken).error().code == Errc::too_large);
  CHECK(parse_jwks("{\"keys\":" + std::string(100'000, '['), Secrets::taken).error().code == Errc::too_large);
  std::string nested;
  for (int i = 0; i < 20'000; ++i) nested += "{\"a\":";
  CHECK(parse_jwks(nested, Secrets::taken).error().code == Errc::too_large);
  std::string values = "{\"keys\":[1";
  for (int i = 0; i < 20'000; ++i) values += ",1";
  CHECK(parse_jwks(values + "]}", Secrets::taken).error().code == Errc::too_large);
}

TEST_CASE("keys in PEM: public ones and certificates, all that there are, never private ones") {
  const auto from_jwks = Jwk::from_json(one("rsa")).value();
  for (const std::string_view pem : {vectors::rsa_pem, vectors::rsa_pkcs1_pem, vectors::certificate}) {
    const auto set = keys_of_pem(pem, "k1").value();
    REQUIRE(set.keys.size() == 1);
    CHECK(set.keys[0].id() == "k1");
    CHECK(set.keys[0].type() == Jwk::Type::rsa);
    CHECK(set.keys[0].fingerprint() == from_jwks.fingerprint());
  }
  const std::string three = std::string(vectors::rsa_pem) + "a comment\n" + std::string(vectors::p256_pem) +
                            std::string(vectors::ed25519_pem);
  CHECK(keys_of_pem(three, "").value().keys.size() == 3);
  CHECK(keys_of_pem(three, "").value().keys[1].fingerprint() ==
        Jwk::from_json(one("es256")).value().fingerprint());
  const std::string private_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK(keys_of_pem(private_key, "").error().message.find("private") != std::string::npos);
  CHECK(keys_of_pem(vectors::weak_rsa_pem, "").error().message.find("1024 bits") != std::string::npos);
  for (const std::string text : {"", "no PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                                 "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                                 "-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n"})
    CHECK_FALSE_MESSAGE(keys_of_pem(text, ""), text);
  CHECK_FALSE(keys_of_pem(std::string(vectors::rsa_pem).substr(0, 200), ""));
}

TEST_CASE("PEM is no secret") {
  CHECK(Jwk::from_secret(std::string(vectors::rsa_pem)).error().message.find("PEM") != std::string::npos);
  CHECK_FALSE(Jwk::from_json({{"kty", "oct"}, {"k", encode_base64url(vectors::rsa_pem)}}));
}

TEST_CASE("RFC 8037 appendix A.4: Ed25519") {
  const Jwk key =
      Jwk::from_json(
          {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}})
          .value();
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const auto signature = decode_base64url(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  CHECK(key.verify(Algorithm::eddsa, text, *signature));
  CHECK_FALSE(key.verify(Algorithm::eddsa, text + "x", *signature));
  CHECK_FALSE(key.verify(Algorithm::es256, text, *signature));
}

TEST_CASE("OpenSSL's list of errors is as before, for the TLS connections of the thread") {
  const Jwk key = TokenSigner::ec("P-256").key();
  ERR_clear_error();
  CHECK_FALSE(key.verify(Algorithm::es256, "text", std::string(64, 'x')));
  CHECK_FALSE(Jwk::from_json(with(one("es256"), "x", one("es256")["y"])));
  CHECK_FALSE(keys_of_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", ""));
  CHECK(ERR_peek_error() == 0);
}

}  // namespace
}  // namespace srs::access
