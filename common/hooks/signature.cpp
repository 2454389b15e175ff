#include "hooks/signature.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace srs::hooks {

std::string sha256(std::string_view text) {
  std::string bytes(32, '\0');
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr,
                 EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot make a digest");
  return bytes;
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::string bytes(32, '\0');
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(bytes.data()), nullptr) == nullptr)
    throw std::runtime_error("OpenSSL cannot make an HMAC");
  return bytes;
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::vector<std::string> signature_headers(std::string_view secret, std::string_view body,
                                           std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string signature = hex_of(hmac_sha256(secret, fmt::format("{}.{}", seconds, body)));
  return {fmt::format("X-Srs-Timestamp: {}", seconds), "X-Srs-Signature: sha256=" + signature};
}

}  // namespace srs::hooks
