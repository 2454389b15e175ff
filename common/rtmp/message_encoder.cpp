#include "rtmp/message_encoder.h"

#include <algorithm>
#include <cstring>

namespace srs::rtmp {
namespace {

constexpr std::uint32_t extended_mark = 0xffffff;
constexpr std::size_t first_header_size = 12;

}  // namespace

std::size_t encoded_size(std::size_t payload_size, std::uint32_t timestamp_ms, std::size_t chunk_size) {
  const std::size_t extended = timestamp_ms >= extended_mark ? 4 : 0;
  const std::size_t continued = payload_size == 0 ? 0 : (payload_size - 1) / chunk_size;
  return first_header_size + extended + continued * (1 + extended) + payload_size;
}

void encode(const ChunkHeader& header, Bytes payload, std::size_t chunk_size, std::uint8_t* to) {
  const bool extended = header.timestamp_ms >= extended_mark;
  const auto id = static_cast<std::uint8_t>(header.chunk_stream_id);
  *to++ = id;
  store_u24(to, extended ? extended_mark : header.timestamp_ms);
  store_u24(to + 3, static_cast<std::uint32_t>(payload.size()));
  to[6] = static_cast<std::uint8_t>(header.type);
  for (int i = 0; i < 4; ++i) to[7 + i] = static_cast<std::uint8_t>(header.message_stream_id >> (8 * i));
  to += first_header_size - 1;
  for (bool first = true; first || !payload.empty(); first = false) {
    if (!first) *to++ = static_cast<std::uint8_t>(0xc0 | id);
    if (extended) {
      store_u32(to, header.timestamp_ms);
      to += 4;
    }
    const std::size_t size = std::min(chunk_size, payload.size());
    if (size > 0) std::memcpy(to, payload.data(), size);
    to += size;
    payload = payload.subspan(size);
  }
}

void append_message(std::vector<std::uint8_t>& to, const ChunkHeader& header, Bytes payload,
                    std::size_t chunk_size) {
  const std::size_t at = to.size();
  to.resize(at + encoded_size(payload.size(), header.timestamp_ms, chunk_size));
  encode(header, payload, chunk_size, to.data() + at);
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

// Metadata holds for the whole stream and says 0: FFmpeg makes a subtitle stream of a later one.
std::int64_t wire_timestamp(const media::Message& message) {
  return message.kind == media::MessageKind::metadata ? 0 : message.timestamp_ms;
}

}  // namespace

std::size_t RtmpWire::encoded_size(const media::Message& message) const {
  if (message.kind == media::MessageKind::annotation && annotations_ == media::Annotations::left_out)
    return 0;
  const auto timestamp_ms = static_cast<std::uint32_t>(wire_timestamp(message));
  return rtmp::encoded_size(message.payload.size(), timestamp_ms, wire_chunk_size);
}

void RtmpWire::encode(const media::Message& message, std::uint8_t* to) const {
  const ChunkHeader header = media_header(message.type, wire_timestamp(message), media_stream_id);
  rtmp::encode(header, message.payload.bytes(), wire_chunk_size, to);
}

// A message of one chunk is its header and then the payload.
std::optional<std::size_t> RtmpWire::payload_offset(const media::Message& message) const {
  if (message.payload.size() > wire_chunk_size) return std::nullopt;
  return encoded_size(message) - message.payload.size();
}

}  // namespace srs::rtmp
