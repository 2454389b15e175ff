// The JSON of an answer. Internal to the formats.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace srs::hooks {

// Discarded (is_discarded()) if it is no JSON, or an object that names a member twice: servers that write
// JSON by hand let clients add members to it.
nlohmann::json parse_answer(std::string_view body);

}  // namespace srs::hooks
