#include "log/message_reader.h"

namespace srs::log {

std::span<const media::Message> MessageReader::from(Offset offset) const {
  if (offset >= head()) return {};
  const std::size_t index = block_at(offset);
  const MessageBlock& held = block(index);
  return {held.messages + (offset - held.start), static_cast<std::size_t>(end_of(index) - offset)};
}

const MessageStart* MessageReader::start_at(Offset offset) const {
  const MessageBlock& held = block(block_at(offset));
  return held.start_of(static_cast<std::uint32_t>(offset - held.start));
}

}  // namespace srs::log
