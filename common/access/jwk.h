// Jwk: a key that tokens are verified with (RFC 7517). It has no private part.
//
// What a key is decides what it verifies: a secret only HS*, an RSA key only RS* and PS*, an EC key only the
// ES* of its curve, an Ed25519 key only EdDSA; a key that names an algorithm only that one. So no token can
// choose to be checked in another way, with a public key as a secret for example. A value, cheap to copy; any
// thread.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "access/jwa.h"
#include "core/result.h"

namespace srs::access {

class Jwk {
 public:
  enum class Type : std::uint8_t { secret, rsa, p256, p384, p521, ed25519 };
  static constexpr std::size_t max_id_bytes = 256;

  // At least 16 bytes; RFC 7518 section 3.2 wants as many as the digest has, 32 for HS256. PEM is refused: a
  // public key is no secret.
  static Result<Jwk> from_secret(std::string secret);

  // RSA of 2048 to 8192 bits, P-256, P-384, P-521, Ed25519. Others are `unsupported`, weak ones `refused`.
  static Result<Jwk> from_public_key(std::shared_ptr<EVP_PKEY> key);

  // A member of a JWK Set. Errors: `unsupported` for kinds of keys and algorithms that are not known here,
  // and for keys that are not for verifying signatures (use, key_ops); `refused` for weak keys; else
  // invalid_data. x5u, x5c and x5t are not looked at.
  static Result<Jwk> from_json(const nlohmann::json& object);

  const std::string& id() const { return id_; }  // kid; empty if it has none
  void set_id(std::string id) { id_ = std::move(id); }
  Type type() const { return type_; }
  std::uint64_t fingerprint() const { return fingerprint_; }

  bool fits(Algorithm algorithm) const;
  // Whether the signature of the text is right, and the key fits. ECDSA's have a second form that is right,
  // too (r, n - s): a token's text is no name for it.
  bool verify(Algorithm algorithm, std::string_view text, std::string_view signature) const;

 private:
  Result<void> read_uses(const nlohmann::json& object);
  bool verify_public(Algorithm algorithm, std::string_view text, std::string_view signature) const;

  std::string id_;
  Type type_ = Type::secret;
  std::optional<Algorithm> only_;  // the one that it is for
  std::string secret_;
  std::shared_ptr<EVP_PKEY> key_;  // nobody changes it
  std::uint64_t fingerprint_ = 0;
};

}  // namespace srs::access
