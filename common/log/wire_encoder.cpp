#include "log/wire_encoder.h"

namespace srs::log {

Slice encode_alone(const WireEncoder& encoder, const media::Message& message) {
  const std::size_t room = encoder.room_for(message.payload.size());
  Block block = make_block(room);
  BoundedWriter writer({block.get(), room});
  const std::size_t size = encoder.encode(message, writer).size;
  const Bytes written(block.get(), size);
  return size == 0 ? Slice() : Slice(std::move(block), written);
}

}  // namespace srs::log
