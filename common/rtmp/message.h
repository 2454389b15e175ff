// An RTMP message (Adobe RTMP 1.0, section 6) and the numbers of the protocol.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/slice.h"
#include "flv/tag.h"

namespace srs::rtmp {

enum class MessageType : std::uint8_t {
  set_chunk_size = 1,
  abort = 2,
  acknowledgement = 3,
  user_control = 4,
  window_ack_size = 5,
  set_peer_bandwidth = 6,
  audio = 8,
  video = 9,
  data_amf3 = 15,
  shared_object_amf3 = 16,
  command_amf3 = 17,
  data_amf0 = 18,
  shared_object_amf0 = 19,
  command_amf0 = 20,
  aggregate = 22,
};

struct Message {
  MessageType type = MessageType::command_amf0;
  std::uint32_t chunk_stream_id = 3;
  std::uint32_t message_stream_id = 0;
  std::int64_t timestamp_ms = 0;  // unwrapped to 64 bits
  Slice payload;
  bool is_left_out = false;  // too large, or nobody reads messages of this type
};

inline bool is_command(const Message& message) {
  return message.type == MessageType::command_amf0 || message.type == MessageType::command_amf3;
}

// A media message of either kind of session: the payload is that of an FLV tag.
struct MediaMessage {
  flv::TagType type = flv::TagType::script;
  std::int64_t timestamp_ms = 0;
  Slice payload;
};

inline constexpr std::size_t default_chunk_size = 128;
// The chunk size of everything we send, once announced.
inline constexpr std::size_t wire_chunk_size = 60'000;
// In the answer to a "connect" that has a `via`: true if our own script tags (onClock, ...) are welcome.
inline constexpr std::string_view annotations_property = "srsAnnotations";
// The message stream id that our servers assign to every player and publisher.
inline constexpr std::uint32_t media_stream_id = 1;

}  // namespace srs::rtmp
