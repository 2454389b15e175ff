#include "access/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "access/base64url.h"
#include "access/bounded_json.h"
#include "access/openssl_errors.h"

namespace srs::access {
namespace {

using PublicKey = std::shared_ptr<EVP_PKEY>;

constexpr std::size_t max_modulus_bytes = 1024, max_exponent_bytes = 8, ed25519_bytes = 32;

Error bad_members(const char* why) {
  return {Errc::invalid_data, why};
}

std::optional<std::string> bytes_in(const nlohmann::json& object, const char* name) {
  const std::string* text = text_in(object, name);
  return text != nullptr ? decode_base64url(*text) : std::nullopt;
}

const unsigned char* octets(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

PublicKey built(const char* type, OSSL_PARAM_BLD& builder) {
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(&builder),
                                                                           OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return {key, EVP_PKEY_free};
}

using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;

Result<PublicKey> rsa_key(const nlohmann::json& object) {
  const auto modulus = bytes_in(object, "n"), exponent = bytes_in(object, "e");
  if (!modulus || !exponent) return bad_members("n or e is missing or not base64url");
  if (modulus->size() > max_modulus_bytes || exponent->size() > max_exponent_bytes)
    return Error{Errc::refused, "an RSA key with more than 8192 bits, or an exponent with more than 64"};
  const auto number = [](const std::string& bytes) {
    return std::unique_ptr<BIGNUM, decltype(&BN_free)>(
        BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr), BN_free);
  };
  const auto n = number(*modulus), e = number(*exponent);
  const Builder builder(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return bad_members("n or e is no number");
  auto key = built("RSA", *builder);
  if (!key) return bad_members("n and e are no RSA key");
  return key;
}

struct Curve {
  std::string_view crv;
  const char* openssl_name;
  std::size_t coordinate_bytes;
};

Result<PublicKey> ec_key(const nlohmann::json& object, std::string_view crv) {
  static constexpr Curve curves[] = {
      {"P-256", SN_X9_62_prime256v1, 32}, {"P-384", SN_secp384r1, 48}, {"P-521", SN_secp521r1, 66}};
  for (const Curve& curve : curves) {
    if (curve.crv != crv) continue;
    const auto x = bytes_in(object, "x"), y = bytes_in(object, "y");
    if (!x || !y || x->size() != curve.coordinate_bytes || y->size() != curve.coordinate_bytes)
      return bad_members("x or y is missing, not base64url or not as long as the curve wants");
    const std::string point = "\x04" + *x + *y;  // uncompressed (SEC 1 section 2.3.3)
    const Builder builder(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl_name, 0) !=
            1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
      return bad_members("x and y cannot be read");
    auto key = built("EC", *builder);
    if (!key) return bad_members("x and y are no point on the curve");
    return key;
  }
  return Error{Errc::unsupported, "a curve that is not known here (crv)"};
}

Result<PublicKey> okp_key(const nlohmann::json& object, std::string_view crv) {
  if (crv != "Ed25519") return Error{Errc::unsupported, "a curve that is not known here (crv)"};
  const auto x = bytes_in(object, "x");
  if (!x || x->size() != ed25519_bytes) return bad_members("x is missing, not base64url or not 32 bytes");
  PublicKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(*x), x->size()), EVP_PKEY_free);
  if (!key) return bad_members("x is no Ed25519 key");
  return key;
}

}  // namespace

Result<std::shared_ptr<EVP_PKEY>> public_key_of(const nlohmann::json& object) {
  const OpensslErrors errors;
  const std::string* type = text_in(object, "kty");
  if (type == nullptr) return bad_members("kty is missing");
  if (*type == "RSA") return rsa_key(object);
  const std::string* curve = text_in(object, "crv");
  if (*type != "EC" && *type != "OKP")
    return Error{Errc::unsupported, "a kind of key that is not known here (kty)"};
  if (curve == nullptr) return bad_members("crv is missing");
  return *type == "EC" ? ec_key(object, *curve) : okp_key(object, *curve);
}

}  // namespace srs::access
