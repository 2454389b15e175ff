#include "srs-relay/push/push_wire.h"

#include "amf/value.h"
#include "rtmp/message_encoder.h"

namespace srs::relay {
namespace {

// "@setDataFrame" as an AMF0 string.
std::vector<std::uint8_t> wrapped(const media::Message& message) {
  std::vector<std::uint8_t> bytes = amf::encode_all({"@setDataFrame"});
  const Bytes payload = message.payload.bytes();
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

constexpr std::size_t wrapping_size = 3 + 13;

// Metadata holds for the whole stream, as for players.
std::uint32_t wire_timestamp(const media::Message& message) {
  return message.kind == media::MessageKind::metadata ? 0 : static_cast<std::uint32_t>(message.timestamp_ms);
}

}  // namespace

std::size_t PushWire::room_for(std::size_t payload_bytes) const {
  return rtmp::room_for(payload_bytes + wrapping_size, rtmp::wire_chunk_size);
}

log::WireEncoder::Encoded PushWire::encode(const media::Message& message, BoundedWriter& to) const {
  if (message.kind == media::MessageKind::annotation && annotations_ == log::Annotations::left_out) return {};
  if (message.kind == media::MessageKind::filler) return {};
  const rtmp::ChunkHeader header =
      rtmp::media_header(message.type, wire_timestamp(message), message_stream_id_);
  if (message.kind == media::MessageKind::metadata)
    return {rtmp::encode(header, wrapped(message), rtmp::wire_chunk_size, to).size, std::nullopt};
  return rtmp::media_encoded(rtmp::encode(header, message.payload.bytes(), rtmp::wire_chunk_size, to),
                             message.payload.size());
}

std::shared_ptr<const PushWire> PushWires::find(std::uint32_t message_stream_id,
                                                log::Annotations annotations) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const PushWire>& known = wires_[{message_stream_id, annotations}];
  if (auto wire = known.lock()) return wire;
  const auto wire = std::make_shared<const PushWire>(message_stream_id, annotations);
  known = wire;
  std::erase_if(wires_, [](const auto& entry) { return entry.second.expired(); });
  return wire;
}

std::size_t PushWires::size() const {
  const std::lock_guard lock(mutex_);
  return wires_.size();
}

}  // namespace srs::relay
