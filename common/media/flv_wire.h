// FlvWire: FLV tags as HTTP-FLV players get them, StreamID 0, absolute timestamps.
#pragma once

#include "media/wire_encoder.h"

namespace srs::media {

class FlvWire : public WireEncoder {
 public:
  explicit FlvWire(Annotations annotations = Annotations::left_out) : annotations_(annotations) {}

  std::size_t room_for(std::size_t payload_bytes) const override;
  Encoded encode(const Message& message, BoundedWriter& to) const override;

 private:
  Annotations annotations_;
};

}  // namespace srs::media
