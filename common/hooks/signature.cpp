#include "hooks/signature.h"

#include <fmt/format.h>

#include "access/digest.h"

namespace srs::hooks {

std::vector<std::string> signature_headers(std::string_view secret, std::string_view body,
                                           std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string signature =
      access::hex_of(access::hmac_of(access::Digest::sha256, secret, fmt::format("{}.{}", seconds, body)));
  return {fmt::format("X-Srs-Timestamp: {}", seconds), "X-Srs-Signature: sha256=" + signature};
}

}  // namespace srs::hooks
