// TokenSigner: makes tokens with fresh keys, right ones and wrong ones.
#pragma once

#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "access/base64url.h"
#include "access/digest.h"
#include "access/jwk.h"

namespace srs::access {

class TokenSigner {
 public:
  static TokenSigner rsa() { return TokenSigner(EVP_RSA_gen(2048)); }
  static TokenSigner ec(const char* curve) { return TokenSigner(EVP_EC_gen(curve)); }
  static TokenSigner ed25519() { return TokenSigner(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

  Jwk key(std::string id = "") const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    const unsigned char* at = der;
    std::shared_ptr<EVP_PKEY> only_public(d2i_PUBKEY(nullptr, &at, size), EVP_PKEY_free);
    OPENSSL_free(der);
    Jwk made = Jwk::from_public_key(std::move(only_public)).value();
    made.set_id(std::move(id));
    return made;
  }

  // As OpenSSL makes it: ECDSA's in DER.
  std::string raw_signature(Algorithm algorithm, std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const char* names[] = {"SHA256", "SHA384", "SHA512"};
    const EVP_MD* digest = algorithm == Algorithm::eddsa
                               ? nullptr
                               : EVP_get_digestbyname(names[static_cast<std::size_t>(algorithm) % 3]);
    EVP_PKEY_CTX* options = nullptr;
    REQUIRE(EVP_DigestSignInit(context.get(), &options, digest, nullptr, key_.get()) == 1);
    if (family_of(algorithm) == AlgorithmFamily::rsa_pss) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
    std::string signature(size, '\0');
    auto* to = reinterpret_cast<unsigned char*>(signature.data());
    REQUIRE(EVP_DigestSign(context.get(), to, &size, bytes, text.size()) == 1);
    signature.resize(size);
    return signature;
  }

  std::string signature(Algorithm algorithm, std::string_view text) const {
    const std::string raw = raw_signature(algorithm, text);
    return family_of(algorithm) == AlgorithmFamily::ecdsa ? fixed_form(raw) : raw;
  }

  std::string token(Algorithm algorithm, const nlohmann::json& claims, nlohmann::json header = {}) const {
    header["alg"] = std::string(name_of(algorithm));
    const std::string text = encode_base64url(header.dump()) + "." + encode_base64url(claims.dump());
    return text + "." + encode_base64url(signature(algorithm, text));
  }

  // (r, n - s) for (r, s): as right as the first.
  std::string other_form(std::string signature) const {
    const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(
        EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), EC_GROUP_free);
    BIGNUM* s = BN_bin2bn(reinterpret_cast<unsigned char*>(signature.data()) + 32, 32, nullptr);
    BN_sub(s, EC_GROUP_get0_order(group.get()), s);
    BN_bn2binpad(s, reinterpret_cast<unsigned char*>(signature.data()) + 32, 32);
    BN_free(s);
    return signature;
  }

 private:
  explicit TokenSigner(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { REQUIRE(key != nullptr); }

  std::string fixed_form(const std::string& der) const {
    const int number_bytes = (EVP_PKEY_get_bits(key_.get()) + 7) / 8;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    std::string fixed(static_cast<std::size_t>(2 * number_bytes), '\0');
    auto* to = reinterpret_cast<unsigned char*>(fixed.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), to, number_bytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), to + number_bytes, number_bytes);
    return fixed;
  }

  std::shared_ptr<EVP_PKEY> key_;
};

// A token with an HMAC, of any texts as header and claims.
inline std::string hmac_token(std::string_view secret, std::string_view header, std::string_view claims) {
  const std::string text = encode_base64url(header) + "." + encode_base64url(claims);
  return text + "." + encode_base64url(hmac_of(Digest::sha256, secret, text));
}

}  // namespace srs::access
