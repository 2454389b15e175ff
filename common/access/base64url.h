// base64url without padding (RFC 4648 section 5, RFC 7515 section 2). Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace srs::access {

std::string encode_base64url(std::string_view bytes);

// Strict: nothing for a character outside the alphabet ('=', '+', '/' and white space included), for a size
// that no bytes have, and if bits of the last character are lost. So there is one text for any bytes.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace srs::access
