// Resume: where a relay that lost its origin goes on at another one, in the query of its pull:
// resume=MILLISECONDS,TIMELINE.
//
// The origin begins with the newest key frame that is not later, if its log goes back so far: what the relay
// has is sent once more and discarded there, and nothing is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace srs::relay {

struct Resume {
  std::int64_t after_ms = 0;  // decoding time of the newest frame that it has; 32 bits of it are enough
  std::string timeline;       // whose time that is (see media::StreamInfo); may have no name
};

// The parameter's value. Empty if the timeline has a name that does not belong into a URL.
std::string resume_value(const Resume& resume);
// What a player's query says. None: nothing, or no such thing.
std::optional<Resume> resume_of(std::string_view query);

}  // namespace srs::relay
