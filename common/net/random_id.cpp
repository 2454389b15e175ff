#include "net/random_id.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace srs::net {

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1)
    throw std::runtime_error("the system has no random numbers");
  return bytes;
}

std::string random_id() {
  std::string text;
  for (const char byte : random_bytes(4)) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace srs::net
