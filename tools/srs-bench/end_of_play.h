// How an RTMP server says that a stream is over: a status of its own (onStatus), or the user control message
// StreamEOF (RTMP 1.0, 7.1.7), or both.
#pragma once

#include <string_view>

#include "core/byte_reader.h"

namespace srs::bench {

// A status code of onStatus: the publisher has left, or the server will send no more.
bool is_end_of_play(std::string_view code);

// Whether one of these messages stands in bytes whose place in the chunk stream is not known. Media that
// looks like one is as good as impossible: the shortest pattern has eight fixed bytes.
bool says_play_is_over(Bytes last_bytes);

}  // namespace srs::bench
