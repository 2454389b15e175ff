#include "media/stream_headers.h"

#include <algorithm>

namespace srs::media {

bool StreamHeaders::update(const Message& message) {
  if (!message.is_header() || message.payload.empty()) return false;
  const bool is_metadata = message.kind == MessageKind::metadata;
  if (message.payload.size() > (is_metadata ? max_metadata_bytes : max_codec_header_bytes)) return false;
  Message& held = is_metadata ? metadata_ : message.kind == MessageKind::video_header ? video_ : audio_;
  if (std::ranges::equal(held.payload.bytes(), message.payload.bytes())) return false;
  held = message;
  held.framed = false;
  // A copy, because headers outlive the large block that they came in.
  held.payload = Slice::copy_of(message.payload.bytes());
  ++version_;
  if (is_metadata) ++metadata_version_;
  return true;
}

std::vector<Message> StreamHeaders::messages() const {
  std::vector<Message> held;
  for (const Message* header : {&metadata_, &video_, &audio_})
    if (!header->payload.empty()) held.push_back(*header);
  return held;
}

}  // namespace srs::media
