#include "access/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace srs::access {
namespace {

const EVP_MD* digest_method(Digest digest) {
  switch (digest) {
    case Digest::md5:
      return EVP_md5();
    case Digest::sha256:
      return EVP_sha256();
    case Digest::sha384:
      return EVP_sha384();
    case Digest::sha512:
      break;
  }
  return EVP_sha512();
}

}  // namespace

std::string digest_of(Digest digest, std::string_view text) {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(bytes.data()), &size,
                 digest_method(digest), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot make a digest");
  bytes.resize(size);
  return bytes;
}

std::string hmac_of(Digest digest, std::string_view secret, std::string_view text) {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (HMAC(digest_method(digest), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(bytes.data()), &size) == nullptr)
    throw std::runtime_error("OpenSSL cannot make an HMAC");
  bytes.resize(size);
  return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::uint64_t fingerprint_of(std::string_view secret) {
  const std::string digest = digest_of(Digest::sha256, std::string("srs fingerprint\n").append(secret));
  std::uint64_t fingerprint = 0;
  for (std::size_t i = 0; i < sizeof fingerprint; ++i)
    fingerprint = fingerprint << 8 | static_cast<unsigned char>(digest[i]);
  return fingerprint;
}

std::string hex_of(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(digits[static_cast<unsigned char>(byte) & 15]);
  }
  return text;
}

}  // namespace srs::access
