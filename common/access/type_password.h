// --hash-password: a person types a password, or a program pipes one in, and gets the hash for the rules.
#pragma once

#include <string>

#include "core/result.h"

namespace srs::access {

// Reads a line from stdin, without showing it on a terminal. Returns its hash.
Result<std::string> hash_typed_password();

}  // namespace srs::access
