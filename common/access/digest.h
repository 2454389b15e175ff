// Digests of secrets and of what is signed with them, by OpenSSL. Pure functions; any thread. They throw if
// OpenSSL cannot work (out of memory, an algorithm that its configuration forbids).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace srs::access {

enum class Digest : std::uint8_t { md5, sha256, sha384, sha512 };

// The bytes of the digest.
std::string digest_of(Digest digest, std::string_view text);
// The bytes of the HMAC (RFC 2104).
std::string hmac_of(Digest digest, std::string_view secret, std::string_view text);

// Whether they are the same; how long it takes tells their sizes and nothing else.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// 64 bits that tell one secret from another, for Identity::fingerprint. Not to be shown: of a weak secret
// they would prove a guess.
std::uint64_t fingerprint_of(std::string_view secret);

// Lower case.
std::string hex_of(std::string_view bytes);

}  // namespace srs::access
