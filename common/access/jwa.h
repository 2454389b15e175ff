// Algorithm: the ways in which a token can be signed (RFC 7518 section 3.1, RFC 8037 section 3.1). There is
// no "none". Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "access/digest.h"

namespace srs::access {

enum class Algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,  // HMAC
  rs256,
  rs384,
  rs512,  // RSASSA-PKCS1-v1_5
  ps256,
  ps384,
  ps512,  // RSASSA-PSS
  es256,
  es384,
  es512,  // ECDSA with P-256, P-384, P-521
  eddsa,  // Ed25519
};
inline constexpr std::size_t algorithm_count = 13;

enum class AlgorithmFamily : std::uint8_t { hmac, rsa, rsa_pss, ecdsa, eddsa };

// "HS256", ... "EdDSA", exactly so; "Ed25519" (RFC 9864) is EdDSA.
std::optional<Algorithm> algorithm_named(std::string_view name);
std::string_view name_of(Algorithm algorithm);

AlgorithmFamily family_of(Algorithm algorithm);
// Not for eddsa.
Digest digest_for(Algorithm algorithm);

}  // namespace srs::access
