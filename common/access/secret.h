// Secrets, as rules name them.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::access {

// The secret that a value of the rules names: "file:PATH" is the first line of a file (at most 64 KiB),
// "env:NAME" a variable of the environment, everything else the secret itself. Errors name file or variable,
// never the value.
Result<std::string> read_secret(std::string_view value);
// PATH of "file:PATH"; empty: it is in no file.
std::string_view file_of_secret(std::string_view value);

}  // namespace srs::access
