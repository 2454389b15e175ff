// Public keys from the members of a JWK (RFC 7518 section 6, RFC 8037 section 2), by OpenSSL. A pure
// function; any thread.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "core/result.h"

namespace srs::access {

// object: with kty. Takes kty RSA (n, e), EC (crv P-256, P-384, P-521; x, y), OKP (crv Ed25519; x), and
// nothing of a private key. Errors: `unsupported` for others; invalid_data for members that are missing, not
// base64url, of a wrong size or no point on the curve.
Result<std::shared_ptr<EVP_PKEY>> public_key_of(const nlohmann::json& object);

}  // namespace srs::access
