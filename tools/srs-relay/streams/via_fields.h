// The HTTP fields in which relays exchange a stream's provenance.
#pragma once

#include <string>
#include <string_view>

namespace srs::relay {

// Via (RFC 9110, section 7.6.3): the relays that ask, or that the stream came through; and the name of its
// timeline.
inline constexpr std::string_view via_field = "Via";
inline constexpr std::string_view timeline_field = "X-Stream-Timeline";
// "1.1 a, 1.1 b" for the ids "a,b", and back. What has other forms gives nothing.
std::string via_to_field(std::string_view via);
std::string via_from_field(std::string_view field);

}  // namespace srs::relay
