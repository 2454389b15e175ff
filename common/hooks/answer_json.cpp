#include "hooks/answer_json.h"

#include <set>
#include <string>

namespace srs::hooks {

nlohmann::json parse_answer(std::string_view body) {
  using Json = nlohmann::json;
  std::set<std::string> names;
  bool is_twice = false;
  const auto on_part = [&](int depth, Json::parse_event_t event, const Json& part) {
    if (event == Json::parse_event_t::key && depth == 1)
      is_twice = !names.insert(part.get<std::string>()).second || is_twice;
    return true;
  };
  auto answer = Json::parse(body, on_part, false);
  return is_twice ? Json(Json::value_t::discarded) : answer;
}

}  // namespace srs::hooks
