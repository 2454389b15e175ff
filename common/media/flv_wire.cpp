#include "media/flv_wire.h"

namespace srs::media {
namespace {

// Metadata holds for the whole stream and says 0: FFmpeg makes a subtitle stream of a later one.
std::uint32_t wire_timestamp(const Message& message) {
  return message.kind == MessageKind::metadata ? 0 : static_cast<std::uint32_t>(message.timestamp_ms);
}

}  // namespace

std::size_t FlvWire::room_for(std::size_t payload_bytes) const {
  return flv::tag_header_size + payload_bytes + flv::tag_trailer_size;
}

WireEncoder::Encoded FlvWire::encode(const Message& message, BoundedWriter& to) const {
  if (message.kind == MessageKind::annotation && annotations_ == Annotations::left_out) return {};
  const std::size_t start = to.size();
  if (!flv::write_tag(to, message.type, wire_timestamp(message), 0, message.payload.bytes())) return {};
  return {to.size() - start, flv::tag_header_size};
}

}  // namespace srs::media
