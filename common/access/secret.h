// Secrets: how rules name them, and how they are compared.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::access {

using Digest = std::array<std::uint8_t, 32>;  // SHA-256

Digest digest_of(std::string_view text);
// Of the first 8 bytes of the digest: tells one secret from another, and does not give it away.
std::uint64_t fingerprint_of(const Digest& digest);

// In a time that depends on the sizes only.
bool equal_secrets(std::string_view a, std::string_view b);

// The secret that a value of the rules names: "file:PATH" is the first line of a file (at most 64 KiB),
// "env:NAME" a variable of the environment, everything else the secret itself. Errors name file or variable,
// never the value.
Result<std::string> read_secret(std::string_view value);
// PATH of "file:PATH"; empty: it is in no file.
std::string_view file_of_secret(std::string_view value);

}  // namespace srs::access
