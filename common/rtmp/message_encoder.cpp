#include "rtmp/message_encoder.h"

#include <algorithm>

namespace srs::rtmp {
namespace {

constexpr std::uint32_t extended_mark = 0xffffff;
constexpr std::size_t first_header_size = 12;
constexpr std::size_t extended_size = 4;

}  // namespace

std::size_t room_for(std::size_t payload_bytes, std::size_t chunk_size) {
  const std::size_t continued = payload_bytes / chunk_size;
  return first_header_size + extended_size + continued * (1 + extended_size) + payload_bytes;
}

EncodedMessage encode(const ChunkHeader& header, Bytes payload, std::size_t chunk_size, BoundedWriter& to) {
  if (payload.size() > flv::max_payload_size) return {};
  const bool extended = header.timestamp_ms >= extended_mark;
  const std::size_t start = to.size();
  to.u8(header.chunk_stream_id);
  to.u24(extended ? extended_mark : header.timestamp_ms);
  to.u24(payload.size());
  to.u8(static_cast<std::uint8_t>(header.type));
  to.u32_little_endian(header.message_stream_id);
  if (extended) to.u32(header.timestamp_ms);
  const std::size_t header_size = to.size() - start;
  for (;;) {
    const Bytes chunk = payload.first(std::min(chunk_size, payload.size()));
    to.bytes(chunk);
    payload = payload.subspan(chunk.size());
    if (payload.empty()) break;
    to.u8(0xc0 | header.chunk_stream_id);
    if (extended) to.u32(header.timestamp_ms);
  }
  if (to.failed()) return {};
  return {to.size() - start, header_size};
}

bool append_message(std::vector<std::uint8_t>& to, const ChunkHeader& header, Bytes payload,
                    std::size_t chunk_size) {
  const std::size_t at = to.size();
  to.resize(at + room_for(payload.size(), chunk_size));
  BoundedWriter writer({to.data() + at, to.size() - at});
  const std::size_t size = encode(header, payload, chunk_size, writer).size;
  to.resize(at + size);
  return size > 0;
}

ChunkHeader media_header(flv::TagType type, std::int64_t timestamp_ms, std::uint32_t message_stream_id) {
  ChunkHeader header;
  header.timestamp_ms = static_cast<std::uint32_t>(timestamp_ms);
  header.message_stream_id = message_stream_id;
  switch (type) {
    case flv::TagType::audio:
      header.type = MessageType::audio;
      header.chunk_stream_id = audio_chunk_stream;
      break;
    case flv::TagType::video:
      header.type = MessageType::video;
      header.chunk_stream_id = video_chunk_stream;
      break;
    case flv::TagType::script:
      header.type = MessageType::data_amf0;
      header.chunk_stream_id = data_chunk_stream;
      break;
  }
  return header;
}

namespace {

// Metadata applies to the whole stream and is stamped 0: FFmpeg makes a subtitle stream of a later one.
std::int64_t wire_timestamp(const media::Message& message) {
  return message.kind == media::MessageKind::metadata ? 0 : message.timestamp_ms;
}

}  // namespace

std::size_t RtmpWire::room_for(std::size_t payload_bytes) const {
  return rtmp::room_for(payload_bytes, wire_chunk_size);
}

log::WireEncoder::Encoded RtmpWire::encode(const media::Message& message, BoundedWriter& to) const {
  if (!carries(message)) return {};
  const ChunkHeader header = media_header(message.type, wire_timestamp(message), media_stream_id);
  return media_encoded(rtmp::encode(header, message.payload.bytes(), wire_chunk_size, to),
                       message.payload.size());
}

log::WireEncoder::Encoded media_encoded(const EncodedMessage& encoded, std::size_t payload_bytes) {
  if (encoded.size == 0) return {};
  if (payload_bytes > wire_chunk_size) return {encoded.size, std::nullopt};
  return {encoded.size, encoded.header_size};
}

}  // namespace srs::rtmp
