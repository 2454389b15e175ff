// Encodes messages as chunks, the same bytes for all players.
//
// Each message has a full (type 0) header with its absolute timestamp; type-3 chunks only continue a message.
// So a player may start at any message.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/bounded_writer.h"
#include "log/wire_encoder.h"
#include "rtmp/message.h"

namespace srs::rtmp {

// The chunk stream ids we send on.
inline constexpr std::uint32_t control_chunk_stream = 2;
inline constexpr std::uint32_t command_chunk_stream = 3;
inline constexpr std::uint32_t audio_chunk_stream = 4;
inline constexpr std::uint32_t data_chunk_stream = 5;
inline constexpr std::uint32_t video_chunk_stream = 6;

struct ChunkHeader {
  MessageType type = MessageType::command_amf0;
  std::uint32_t chunk_stream_id = command_chunk_stream;  // 2 .. 63
  std::uint32_t message_stream_id = 0;
  std::uint32_t timestamp_ms = 0;
};

// Bytes that are enough for any message with a payload of this size, whatever its timestamp.
std::size_t room_for(std::size_t payload_bytes, std::size_t chunk_size);
struct EncodedMessage {
  std::size_t size = 0;         // bytes written; 0: no room, or a payload of 2^24 bytes or more
  std::size_t header_size = 0;  // of its first chunk
};
// chunk_size: at least 1.
EncodedMessage encode(const ChunkHeader& header, Bytes payload, std::size_t chunk_size, BoundedWriter& to);
// False, with nothing appended, if the payload is 2^24 bytes or more.
bool append_message(std::vector<std::uint8_t>& to, const ChunkHeader& header, Bytes payload,
                    std::size_t chunk_size);

// The header we send for a media message.
ChunkHeader media_header(flv::TagType type, std::int64_t timestamp_ms, std::uint32_t message_stream_id);

// The same for a wire with wire_chunk_size: a message of one chunk has its payload in one piece.
log::WireEncoder::Encoded media_encoded(const EncodedMessage& encoded, std::size_t payload_bytes);

// RtmpWire encodes a stream's messages for RTMP players.
class RtmpWire : public log::PlayerWire {
 public:
  explicit RtmpWire(log::Annotations annotations = log::Annotations::left_out)
      : PlayerWire(annotations, annotations == log::Annotations::sent
                                    ? nullptr
                                    : std::unique_ptr<const WireEncoder>(new RtmpWire(Bare()))) {}

  std::size_t room_for(std::size_t payload_bytes) const override;
  Encoded encode(const media::Message& message, BoundedWriter& to) const override;

 private:
  struct Bare {};
  explicit RtmpWire(Bare) : PlayerWire(log::Annotations::left_out, nullptr) {}
};

}  // namespace srs::rtmp
