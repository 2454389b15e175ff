#include "access/jwa.h"

#include <array>

namespace srs::access {
namespace {

constexpr std::array<std::string_view, algorithm_count> algorithm_names{
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
    "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (std::size_t i = 0; i < algorithm_names.size(); ++i)
    if (algorithm_names[i] == name) return static_cast<Algorithm>(i);
  if (name == "Ed25519") return Algorithm::eddsa;
  return std::nullopt;
}

std::string_view name_of(Algorithm algorithm) {
  return algorithm_names[static_cast<std::size_t>(algorithm)];
}

AlgorithmFamily family_of(Algorithm algorithm) {
  return static_cast<AlgorithmFamily>(static_cast<unsigned>(algorithm) / 3);
}

Digest digest_for(Algorithm algorithm) {
  static constexpr std::array<Digest, 3> digests{Digest::sha256, Digest::sha384, Digest::sha512};
  return digests[static_cast<std::size_t>(algorithm) % 3];
}

}  // namespace srs::access
