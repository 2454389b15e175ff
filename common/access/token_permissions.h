// Permissions from a claim of a token, in one of three forms, also mixed in one array:
//
//     ["publish live/cam1", "play live/**"]                                   as parse_permission() reads
//     them
//     [{"actions": ["publish", "play"], "paths": ["live/*", "~^vod/[0-9]+$"]}]
//     [{"action": "read", "path": "~^live/.*$"}]                              MediaMTX's
//
// "~" begins a regular expression (see PathRegex). Without "paths", or with an empty or no "path", it is for
// every stream; an empty array of paths is an error. MediaMTX's actions are publish, read and playback (to
// play), api (to read and to write), metrics (to read), pprof (nothing here). A text that holds such an array
// is taken as that array. Members that are not known here are errors: they could have meant a condition.
// A pure function; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "access/permission.h"
#include "core/result.h"

namespace srs::access {

// At most 64.
Result<std::vector<Permission>> permissions_in(const nlohmann::json& claim);

}  // namespace srs::access
