// Signatures of requests to call-backs. A pure function; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace srs::hooks {

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
