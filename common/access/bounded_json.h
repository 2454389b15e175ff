// JSON of peers (RFC 8259), read with limits. A pure function; any thread.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/result.h"

namespace srs::access {

struct JsonLimits {
  std::size_t bytes = 8 * 1024;
  std::size_t depth = 8;      // of arrays and objects within one another
  std::size_t values = 4096;  // in all, keys of objects not counted
};

// Errors: too_large beyond a limit; invalid_data for what is no JSON, holds strings that are no UTF-8, or
// numbers that no double can hold; also if an object has a key twice, as readers differ in which one they
// take.
Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits);

// The text of a member; null if there is none or if it is no string.
const std::string* text_in(const nlohmann::json& object, const char* name);

}  // namespace srs::access
