#include "registry/holder.h"

#include <nlohmann/json.hpp>

namespace srs::registry {

using nlohmann::json;

std::string encode(const Holder& holder) {
  return json{{"node", holder.node}, {"urls", holder.urls}, {"since", holder.since_s}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

Result<Holder> decode_holder(std::string_view text) {
  const Error broken{Errc::invalid_data, "the registry's entry for a stream is not one that a relay writes"};
  if (text.size() > max_holder_bytes) return broken;
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return broken;
  const auto node = value.find("node");
  const auto urls = value.find("urls");
  if (node == value.end() || !node->is_string() || urls == value.end() || !urls->is_array()) return broken;
  Holder holder;
  holder.node = node->get<std::string>();
  for (const json& url : *urls) {
    if (!url.is_string() || url.get_ref<const std::string&>().size() > max_url_bytes) return broken;
    if (holder.urls.size() < max_urls) holder.urls.push_back(url.get<std::string>());
  }
  if (holder.urls.empty()) return broken;
  if (const auto since = value.find("since"); since != value.end() && since->is_number_integer())
    holder.since_s = since->get<std::int64_t>();
  return holder;
}

}  // namespace srs::registry
