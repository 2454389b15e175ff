// How an RTMP server ends a stream: by a status (onStatus), the user control message StreamEOF (RTMP 1.0,
// 7.1.7), or both.
#pragma once

#include <string_view>

#include "core/byte_reader.h"

namespace srs::bench {

// Whether a status code of onStatus ends play: the publisher has left, or the server will send no more.
bool is_end_of_play(std::string_view code);

// Whether one of these messages is in bytes at an unknown position in the chunk stream. A false match in
// media is practically impossible: the shortest pattern has eight fixed bytes.
bool contains_end_of_play(Bytes last_bytes);

}  // namespace srs::bench
