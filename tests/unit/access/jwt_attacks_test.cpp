// Tokens that attackers make: each must be refused, and for the right reason.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "access/jwt.h"
#include "access/unix_time.h"
#include "unit/access/token_signer.h"
#include "unit/access/token_vectors.h"

namespace srs::access {
namespace {

using nlohmann::json;

const UtcTime now = time_of_seconds(std::int64_t{1'800'000'000});
const json claims{{"sub", "mallory"}, {"exp", 1'900'000'000}};
const std::string secret = "a secret of 32 bytes, or of more.";

const TokenSigner& rsa() {
  static const TokenSigner signer = TokenSigner::rsa();
  return signer;
}
const TokenSigner& p256() {
  static const TokenSigner signer = TokenSigner::ec("P-256");
  return signer;
}

JwkSet set_of(std::vector<Jwk> keys) {
  return {std::move(keys), {}};
}
const JwkSet& all_keys() {
  static const JwkSet keys = set_of({rsa().key("rsa"), p256().key("ec"), Jwk::from_secret(secret).value()});
  return keys;
}

// Why it is refused; empty if it is not.
std::string why(const std::string& token, const JwkSet& keys = all_keys()) {
  const auto result = verify_token(token, {}, keys, now);
  const auto* refused = std::get_if<TokenRefusal>(&result);
  if (refused == nullptr) return "";
  CHECK(refused->refusal.kind == Refusal::Kind::wrong);
  CHECK(refused->refusal.why.size() < 500);
  return refused->refusal.why;
}

bool is_in(std::string_view what, const std::string& text) {
  return text.find(what) != text.npos;
}

std::string with_header(const std::string& header, std::string_view key = secret) {
  return hmac_token(key, header, claims.dump());
}

TEST_CASE("attack: no algorithm") {
  const std::string payload = encode_base64url(claims.dump());
  for (const char* name : {"none", "None", "NONE", "nOnE", "", "hs256", " HS256"}) {
    const std::string header = encode_base64url(json{{"alg", name}}.dump());
    for (const char* signature : {"", "e30", "AA"})
      CHECK_MESSAGE(is_in("algorithm", why(header + "." + payload + "." + signature)), name);
  }
  for (const char* header :
       {"{}", R"({"alg":null})", R"({"alg":["HS256"]})", R"({"alg":{"HS256":1}})", R"({"alg":0})"})
    CHECK(is_in("algorithm", why(with_header(header))));
  CHECK(is_in("twice", why(with_header(R"({"alg":"none","alg":"HS256"})"))));
  CHECK(is_in("twice", why(with_header(R"({"alg":"HS256","\u0061lg":"none"})"))));
}

TEST_CASE("attack: the public key as the secret of an HMAC") {
  const auto keys = keys_of_pem(vectors::rsa_pem, "").value();
  for (const std::string_view pem : {vectors::rsa_pem, vectors::rsa_pkcs1_pem, vectors::certificate}) {
    CHECK(is_in("algorithm", why(with_header(R"({"alg":"HS256"})", pem), keys)));
    CHECK(is_in("algorithm", why(with_header(R"({"alg":"HS256"})", pem.substr(0, pem.size() - 1)), keys)));
  }
}

TEST_CASE("attack: another algorithm than that of the key") {
  CHECK(is_in("algorithm", why(rsa().token(Algorithm::rs256, claims, {{"kid", "ec"}}))));
  CHECK(is_in("algorithm", why(p256().token(Algorithm::es256, claims, {{"kid", "rsa"}}))));
  const auto only = set_of({Jwk::from_json({{"kty", "RSA"},
                                            {"alg", "RS256"},
                                            {"n", json::parse(vectors::jwks)["keys"][1]["n"]},
                                            {"e", "AQAB"}})
                                .value()});
  for (const std::string_view token : vectors::tokens) {
    const std::string header = *decode_base64url(token.substr(0, token.find('.')));
    CHECK_MESSAGE(why(std::string(token), only).empty() == is_in("RS256", header), header);
  }
  // ES512's numbers on P-256, and RS384's digest under the name of RS256.
  const std::string text = encode_base64url(R"({"alg":"RS256"})") + "." + encode_base64url(claims.dump());
  CHECK(is_in("not right", why(text + "." + encode_base64url(rsa().signature(Algorithm::rs384, text)))));
  CHECK(is_in("not right", why(text + "." + encode_base64url(rsa().signature(Algorithm::ps256, text)))));
}

TEST_CASE("attack: what kid could reach") {
  for (const std::string kid : {"../../etc/passwd", "/dev/null", "' OR 1=1; --", "http://evil.example/key",
                                "rsa\n", "RSA", "|id", "*"})
    CHECK_MESSAGE(!why(with_header(json{{"alg", "HS256"}, {"kid", kid}}.dump(), "")).empty(), kid);
  CHECK(is_in("kid", why(with_header(json{{"alg", "HS256"}, {"kid", std::string(4096, 'k')}}.dump()))));
  CHECK(is_in("8 KiB", why(with_header(json{{"alg", "HS256"}, {"kid", std::string(8192, 'k')}}.dump()))));
  CHECK(is_in("kid", why(with_header(R"({"alg":"HS256","kid":5})"))));
  CHECK(is_in("kid", why(with_header(R"({"alg":"HS256","kid":null})"))));
  CHECK(is_in("kid", why(with_header(R"({"alg":"HS256","kid":["rsa"]})"))));
}

TEST_CASE("attack: a token that brings its own key") {
  const TokenSigner evil = TokenSigner::rsa();
  const json jwk = {{"kty", "oct"}, {"k", encode_base64url("the attacker's own secret")}};
  for (const char* member : {"jwk", "jku", "x5u", "x5c", "x5t"}) {
    const json header{{member, member == std::string("jwk") ? jwk : json("https://evil.example/jwks.json")}};
    CHECK(is_in("not right", why(evil.token(Algorithm::rs256, claims, header))));
    CHECK(why(rsa().token(Algorithm::rs256, claims, header)).empty());
  }
}

TEST_CASE("attack: extensions that are not known here") {
  CHECK(is_in("crit", why(with_header(R"({"alg":"HS256","crit":["b64"],"b64":false})"))));
  CHECK(is_in("crit", why(with_header(R"({"alg":"HS256","crit":[]})"))));
  CHECK(is_in("crit", why(with_header(R"({"alg":"HS256","crit":null})"))));
  CHECK(why(with_header(R"({"alg":"HS256","typ":"at+jwt","cty":"x"})")).empty());
}

TEST_CASE("attack: size and depth") {
  const std::string open(100'000, '[');
  CHECK(is_in("8 KiB", why(with_header(open))));
  CHECK(is_in("8 KiB", why(std::string(1'000'000, '.'))));
  CHECK(is_in("deep", why(with_header(open.substr(0, 4000)))));
  CHECK(is_in("deep", why(with_header(R"({"alg":"HS256","x":)" + open.substr(0, 4000)))));
  CHECK(is_in("deep", why(hmac_token(secret, R"({"alg":"HS256"})", R"({"x":)" + open.substr(0, 4000)))));
  CHECK(is_in("deep", why(with_header(R"({"alg":"HS256","x":[[[[[[[[]]]]]]]]})"))));
  CHECK(why(with_header(R"({"alg":"HS256","x":[[[[[[[]]]]]]]})")).empty());
}

TEST_CASE("attack: parts that are missing, too many, or written in another way") {
  const std::string token = with_header(R"({"alg":"HS256"})");
  REQUIRE(why(token).empty());
  const auto first = token.find('.'), second = token.find('.', first + 1);
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), token.substr(0, second),
        token.substr(0, second + 1), token + ".", token + ".AA", "." + token, token + "=", token + " ",
        " " + token, token + "\n", token.substr(0, first) + "=" + token.substr(first), token.substr(first),
        token + "A", "Bearer " + token, token.substr(0, second) + token.substr(second + 1)})
    CHECK_MESSAGE(!why(text).empty(), text);
  CHECK_FALSE(why(with_header("[]")).empty());
  CHECK_FALSE(why(with_header("\"HS256\"")).empty());
  CHECK_FALSE(why(with_header("{\"alg\":\"HS256\"")).empty());
  CHECK_FALSE(why(with_header("{\"alg\":\"HS256\"} x")).empty());
  CHECK_FALSE(why(with_header("{\"alg\":\"HS256\",\"x\":\"\xff\"}")).empty());
  CHECK_FALSE(why(hmac_token(secret, R"({"alg":"HS256"})", "[1]")).empty());
  CHECK_FALSE(why(hmac_token(secret, R"({"alg":"HS256"})", "")).empty());
}

TEST_CASE("attack: a bit of a token is another one") {
  for (const std::string_view original : vectors::tokens) {
    const auto keys = parse_jwks(vectors::jwks, Secrets::taken).value();
    REQUIRE(why(std::string(original), keys).empty());
    const std::size_t step = original.size() > 400 ? 7 : 3;
    for (std::size_t i = 0; i < original.size(); i += step) {
      std::string token(original);
      token[i] = static_cast<char>(token[i] ^ (1 << (i % 7)));
      CHECK_MESSAGE(!why(token, keys).empty(), token);
    }
    CHECK_FALSE(why(std::string(original.substr(0, original.size() - 1)), keys).empty());
    CHECK_FALSE(why(std::string(original.substr(0, original.size() - 4)), keys).empty());
  }
}

TEST_CASE("attack: signatures of other tokens") {
  const auto signature_of = [](const std::string& token) { return token.substr(token.rfind('.')); };
  const std::string mine = p256().token(Algorithm::es256, {{"exp", 1'900'000'000}, {"sub", "me"}}),
                    admin = p256().token(Algorithm::es256, {{"exp", 1'900'000'000}, {"sub", "admin"}});
  REQUIRE(why(mine).empty());
  CHECK(is_in("not right", why(admin.substr(0, admin.rfind('.')) + signature_of(mine))));
  CHECK(is_in("not right", why(TokenSigner::ec("P-256").token(Algorithm::es256, claims))));
  // Header and claims change places.
  const auto dot = mine.find('.');
  CHECK_FALSE(
      why(mine.substr(dot + 1, mine.rfind('.') - dot - 1) + "." + mine.substr(0, dot) + signature_of(mine))
          .empty());
}

TEST_CASE("attack: forms of an ECDSA signature") {
  const std::string text = encode_base64url(R"({"alg":"ES256"})") + "." + encode_base64url(claims.dump());
  const auto with = [&](const std::string& signature) {
    return why(text + "." + encode_base64url(signature));
  };
  const std::string right = p256().signature(Algorithm::es256, text);
  REQUIRE(with(right).empty());
  for (const std::string& wrong :
       {p256().raw_signature(Algorithm::es256, text), right.substr(0, 63), right + '\0', '\0' + right,
        std::string(), std::string(64, '\0'), std::string(64, '\xff'),
        right.substr(0, 32) + std::string(32, '\0'), std::string(32, '\0') + right.substr(32),
        right.substr(32) + right.substr(0, 32),
        std::string(1, '\0') + right.substr(0, 32) + '\0' + right.substr(32), right + right})
    CHECK(is_in("not right", with(wrong)));
  // Known, and the reason why a token's text is no name for it: (r, n - s) is right as well.
  CHECK(p256().other_form(right) != right);
  CHECK(with(p256().other_form(right)).empty());
}

TEST_CASE("attack: RSA signatures of another size") {
  const std::string text = encode_base64url(R"({"alg":"RS256"})") + "." + encode_base64url(claims.dump());
  const std::string right = rsa().signature(Algorithm::rs256, text);
  const auto with = [&](const std::string& signature) {
    return why(text + "." + encode_base64url(signature));
  };
  REQUIRE(with(right).empty());
  for (const std::string& wrong : {std::string(), right.substr(1), right + '\0', '\0' + right,
                                   std::string(256, '\0'), std::string(256, '\1'), std::string(256, '\xff')})
    CHECK(is_in("not right", with(wrong)));
}

TEST_CASE("attack: Ed25519 signatures, which have one form only") {
  const TokenSigner signer = TokenSigner::ed25519();
  const auto keys = set_of({signer.key()});
  const std::string text = encode_base64url(R"({"alg":"EdDSA"})") + "." + encode_base64url(claims.dump());
  std::string signature = signer.signature(Algorithm::eddsa, text);
  const auto with = [&](const std::string& bytes) { return why(text + "." + encode_base64url(bytes), keys); };
  REQUIRE(with(signature).empty());
  // s + L, which verifiers that do not look take as well (RFC 8032 section 5.1.7).
  static constexpr unsigned char order[32] = {
      0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
      0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + order[i];
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  CHECK(is_in("not right", with(signature)));
  CHECK(is_in("not right", with(signature.substr(0, 63))));
  CHECK(is_in("not right", with(std::string(64, '\0'))));
}

TEST_CASE("attack: an empty and a short secret") {
  CHECK_FALSE(why(with_header(R"({"alg":"HS256"})", "")).empty());
  CHECK_FALSE(why(with_header(R"({"alg":"HS256"})", std::string_view("\0", 1))).empty());
}

}  // namespace
}  // namespace srs::access
