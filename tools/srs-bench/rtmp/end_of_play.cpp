#include "srs-bench/rtmp/end_of_play.h"

#include <algorithm>

namespace srs::bench {
namespace {

constexpr std::string_view codes[] = {"NetStream.Play.UnpublishNotify", "NetStream.Play.Stop",
                                      "NetStream.Play.Complete"};

// StreamEOF, from the message length in the chunk header on: length 6, type 4, in a header of type 0 message
// stream 0, then event 1 for a stream number below 65536.
constexpr std::uint8_t stream_eof_type_0[] = {0, 0, 6, 4, 0, 0, 0, 0, 0, 1, 0, 0};
constexpr std::uint8_t stream_eof_type_1[] = {0, 0, 6, 4, 0, 1, 0, 0};

bool contains(Bytes bytes, Bytes wanted) {
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

bool is_end_of_play(std::string_view code) {
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

bool contains_end_of_play(Bytes last_bytes) {
  const auto found = [&](std::string_view code) { return contains(last_bytes, as_bytes(code)); };
  return std::any_of(std::begin(codes), std::end(codes), found) || contains(last_bytes, stream_eof_type_0) ||
         contains(last_bytes, stream_eof_type_1);
}

}  // namespace srs::bench
