#include "media/flv_wire.h"

#include <cstring>

namespace srs::media {
namespace {

// Metadata holds for the whole stream and says 0: FFmpeg makes a subtitle stream of a later one.
std::uint32_t wire_timestamp(const Message& message) {
  return message.kind == MessageKind::metadata ? 0 : static_cast<std::uint32_t>(message.timestamp_ms);
}

}  // namespace

std::size_t FlvWire::encoded_size(const Message& message) const {
  if (message.kind == MessageKind::annotation && annotations_ == Annotations::left_out) return 0;
  return flv::tag_header_size + message.payload.size() + flv::tag_trailer_size;
}

void FlvWire::encode(const Message& message, std::uint8_t* to) const {
  const std::size_t size = message.payload.size();
  flv::store_tag_header(to, message.type, size, wire_timestamp(message), 0);
  if (size > 0) std::memcpy(to + flv::tag_header_size, message.payload.data(), size);
  flv::store_tag_trailer(to + flv::tag_header_size + size, size);
}

}  // namespace srs::media
