#include "srs-relay/streams/wanted.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/quantities.h"
#include "media/via.h"
#include "net/url.h"

namespace srs::relay {

bool wants_annotations(std::string_view query) {
  return net::query_value(query, "annotations") == "1";
}

std::chrono::milliseconds patience_of(std::string_view query, std::chrono::milliseconds longest) {
  const auto text = net::query_value(query, "wait");
  if (!text) return longest;
  const auto asked = cli::parse_duration(*text);
  return asked ? std::min(*asked, longest) : longest;
}

Result<void> check_query(std::string_view query, std::string_view via) {
  if (query.size() > max_query_bytes)
    return Error{Errc::invalid_data, fmt::format("the query has more than {} bytes", max_query_bytes)};
  if (via.size() > media::max_via_size) return Error{Errc::invalid_data, "it comes through too many relays"};
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(query.begin(), query.end(), is_control) || std::any_of(via.begin(), via.end(), is_control))
    return Error{Errc::invalid_data, "the query holds a control character"};
  return {};
}

}  // namespace srs::relay
