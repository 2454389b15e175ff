#include "access/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace srs::access {
namespace {

constexpr std::string_view file_prefix = "file:", environment_prefix = "env:";
constexpr std::size_t max_secret_bytes = 64 * 1024;

Result<std::string> first_line_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error(path, errno);
  std::string text(max_secret_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_secret_bytes) return Error{Errc::usage, path + ": larger than 64 KiB: not a secret"};
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) return Error{Errc::usage, path + ": its first line is empty"};
  return text;
}

}  // namespace

Digest digest_of(std::string_view text) {
  Digest digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

std::uint64_t fingerprint_of(const Digest& digest) {
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  const Digest first = digest_of(a), second = digest_of(b);
  return ::CRYPTO_memcmp(first.data(), second.data(), first.size()) == 0;
}

std::string_view file_of_secret(std::string_view value) {
  return value.starts_with(file_prefix) ? value.substr(file_prefix.size()) : std::string_view();
}

Result<std::string> read_secret(std::string_view value) {
  if (const auto path = file_of_secret(value); !path.empty()) return first_line_of(std::string(path));
  if (value.starts_with(environment_prefix)) {
    const std::string name(value.substr(environment_prefix.size()));
    const char* const found = std::getenv(name.c_str());
    if (found == nullptr || *found == '\0')
      return Error{Errc::usage, "the environment has no variable " + name};
    return std::string(found);
  }
  if (value.empty() || value == file_prefix) return Error{Errc::usage, "it is empty"};
  return std::string(value);
}

}  // namespace srs::access
