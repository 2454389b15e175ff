// Names that nobody can guess, by OpenSSL.
#pragma once

#include <string>

namespace srs::net {

// So many random bytes. Throws if the system has none.
std::string random_bytes(std::size_t size);
// Eight random hexadecimal digits.
std::string random_id();

}  // namespace srs::net
