#include "access/jwk.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <nlohmann/json.hpp>

#include "access/base64url.h"
#include "access/bounded_json.h"
#include "access/openssl_errors.h"
#include "access/public_key.h"

namespace srs::access {
namespace {

constexpr std::size_t min_token_secret_bytes = 16;
constexpr int min_rsa_bits = 2048, max_rsa_bits = 8192, max_rsa_exponent_bits = 64;

using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

Result<Jwk::Type> type_of(EVP_PKEY& key) {
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA:
      return Jwk::Type::rsa;
    case EVP_PKEY_ED25519:
      return Jwk::Type::ed25519;
    case EVP_PKEY_EC:
      break;
    default:
      return Error{Errc::unsupported, "a kind of key that is not known here"};
  }
  char curve[64] = {};
  if (EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof curve, nullptr) == 1) {
    const std::string_view name = curve;
    if (name == SN_X9_62_prime256v1) return Jwk::Type::p256;
    if (name == SN_secp384r1) return Jwk::Type::p384;
    if (name == SN_secp521r1) return Jwk::Type::p521;
  }
  return Error{Errc::unsupported, "a curve that is not known here"};
}

Result<void> check_rsa(EVP_PKEY& key) {
  const int bits = EVP_PKEY_get_bits(&key);
  if (bits < min_rsa_bits || bits > max_rsa_bits)
    return Error{Errc::refused,
                 fmt::format("an RSA key of {} bits; {} to {} are wanted", bits, min_rsa_bits, max_rsa_bits)};
  BIGNUM* read = nullptr;
  EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_E, &read);
  const BigNumber exponent(read, BN_free);
  if (!exponent || BN_num_bits(exponent.get()) < 2 || BN_num_bits(exponent.get()) > max_rsa_exponent_bits ||
      !BN_is_odd(exponent.get()))
    return Error{Errc::refused, "an RSA key with a weak exponent"};
  return {};
}

std::uint64_t fingerprint_of_key(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  if (size <= 0) return 0;
  const std::uint64_t fingerprint =
      fingerprint_of(std::string_view(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return fingerprint;
}

std::size_t ecdsa_number_bytes(Jwk::Type type) {
  return type == Jwk::Type::p256 ? 32 : type == Jwk::Type::p384 ? 48 : 66;
}

// r and s one after the other, both of full length (RFC 7518 section 3.4), as OpenSSL wants them; empty if
// they are not.
std::string der_of_ecdsa(std::string_view signature, std::size_t number_bytes) {
  if (signature.size() != 2 * number_bytes) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const int size = static_cast<int>(number_bytes);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM *r = BN_bin2bn(bytes, size, nullptr), *s = BN_bin2bn(bytes + size, size, nullptr);
  if (!pair || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1)
    return BN_free(r), BN_free(s), std::string();
  std::string der(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(pair.get(), nullptr), 0)), '\0');
  auto* to = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &to);
  return der;
}

const EVP_MD* openssl_digest(Algorithm algorithm) {
  if (algorithm == Algorithm::eddsa) return nullptr;
  switch (digest_for(algorithm)) {
    case Digest::sha384:
      return EVP_sha384();
    case Digest::sha512:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

bool set_pss(EVP_PKEY_CTX* context, const EVP_MD* digest) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

Result<Jwk> Jwk::from_secret(std::string secret) {
  if (secret.find("-----BEGIN") != secret.npos)
    return Error{Errc::refused, "PEM as a secret: who has the public key could sign tokens"};
  if (secret.size() < min_token_secret_bytes)
    return Error{Errc::refused, fmt::format("a secret of {} bytes; at least {} are wanted, better 32",
                                            secret.size(), min_token_secret_bytes)};
  Jwk key;
  key.fingerprint_ = fingerprint_of(secret);
  key.secret_ = std::move(secret);
  return key;
}

Result<Jwk> Jwk::from_public_key(std::shared_ptr<EVP_PKEY> public_key) {
  const OpensslErrors errors;
  if (!public_key) return Error{Errc::invalid_data, "no key"};
  const auto type = type_of(*public_key);
  if (!type) return type.error();
  if (*type == Type::rsa)
    if (auto checked = check_rsa(*public_key); !checked) return std::move(checked).error();
  Jwk key;
  key.type_ = *type;
  key.fingerprint_ = fingerprint_of_key(*public_key);
  key.key_ = std::move(public_key);
  return key;
}

Result<Jwk> Jwk::from_json(const nlohmann::json& object) {
  const OpensslErrors errors;
  const std::string* type = object.is_object() ? text_in(object, "kty") : nullptr;
  if (type == nullptr) return Error{Errc::invalid_data, "kty is missing"};
  const auto secret = *type == "oct" ? text_in(object, "k") : nullptr;
  const auto read = [&]() -> Result<Jwk> {
    if (*type != "oct") {
      auto key = public_key_of(object);
      if (!key) return std::move(key).error();
      return from_public_key(*std::move(key));
    }
    auto bytes = secret != nullptr ? decode_base64url(*secret) : std::nullopt;
    if (!bytes) return Error{Errc::invalid_data, "k is not base64url"};
    return from_secret(*std::move(bytes));
  };
  auto key = read();
  if (!key) return key;
  if (auto uses = key->read_uses(object); !uses) return std::move(uses).error();
  return key;
}

// kid, use, key_ops and alg (RFC 7517 section 4).
Result<void> Jwk::read_uses(const nlohmann::json& object) {
  if (object.contains("kid")) {
    const std::string* id = text_in(object, "kid");
    if (id == nullptr || id->size() > max_id_bytes)
      return Error{Errc::invalid_data, "kid is no text of at most 256 bytes"};
    id_ = *id;
  }
  if (object.contains("use")) {
    const std::string* use = text_in(object, "use");
    if (use == nullptr || *use != "sig") return Error{Errc::unsupported, "it is not for signatures (use)"};
  }
  if (const auto operations = object.find("key_ops"); operations != object.end()) {
    if (!operations->is_array() ||
        std::find(operations->begin(), operations->end(), "verify") == operations->end())
      return Error{Errc::unsupported, "it is not for verifying (key_ops)"};
  }
  if (!object.contains("alg")) return {};
  const std::string* name = text_in(object, "alg");
  only_ = name != nullptr ? algorithm_named(*name) : std::nullopt;
  if (!only_) return Error{Errc::unsupported, "its algorithm is not known here (alg)"};
  if (!fits(*only_)) return Error{Errc::invalid_data, "its algorithm is not for such a key (alg)"};
  return {};
}

bool Jwk::fits(Algorithm algorithm) const {
  if (only_ && *only_ != algorithm) return false;
  const AlgorithmFamily family = family_of(algorithm);
  switch (type_) {
    case Type::secret:
      return family == AlgorithmFamily::hmac;
    case Type::rsa:
      return family == AlgorithmFamily::rsa || family == AlgorithmFamily::rsa_pss;
    case Type::p256:
      return algorithm == Algorithm::es256;
    case Type::p384:
      return algorithm == Algorithm::es384;
    case Type::p521:
      return algorithm == Algorithm::es512;
    case Type::ed25519:
      break;
  }
  return family == AlgorithmFamily::eddsa;
}

bool Jwk::verify(Algorithm algorithm, std::string_view text, std::string_view signature) const {
  if (!fits(algorithm)) return false;
  if (type_ == Type::secret)
    return equal_in_constant_time(hmac_of(digest_for(algorithm), secret_, text), signature);
  if (family_of(algorithm) != AlgorithmFamily::ecdsa) return verify_public(algorithm, text, signature);
  const std::string der = der_of_ecdsa(signature, ecdsa_number_bytes(type_));
  return !der.empty() && verify_public(algorithm, text, der);
}

bool Jwk::verify_public(Algorithm algorithm, std::string_view text, std::string_view signature) const {
  const OpensslErrors errors;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const EVP_MD* digest = openssl_digest(algorithm);
  EVP_PKEY_CTX* options = nullptr;  // the context's own
  if (!context || EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key_.get()) != 1)
    return false;
  if (family_of(algorithm) == AlgorithmFamily::rsa_pss && !set_pss(options, digest)) return false;
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

}  // namespace srs::access
