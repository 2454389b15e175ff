// Signatures of requests to call-backs, and digests, by OpenSSL. Pure functions; any thread. They throw if
// OpenSSL cannot work.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace srs::hooks {

// 32 bytes.
std::string sha256(std::string_view text);
// 32 bytes (RFC 2104).
std::string hmac_sha256(std::string_view secret, std::string_view text);
// Lower case.
std::string hex_of(std::string_view bytes);

// The header fields of a signed request:
//
//   X-Srs-Timestamp: 1795938475
//   X-Srs-Signature: sha256=HEX   HMAC-SHA256 of "TIMESTAMP.BODY"
//
// The timestamp (seconds since 1970) is signed, so that a server may refuse requests that are sent again
// later.
std::vector<std::string> signature_headers(std::string_view secret, std::string_view body,
                                           std::chrono::system_clock::time_point now);

}  // namespace srs::hooks
