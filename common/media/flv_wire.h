// FlvWire: FLV tags as HTTP-FLV players get them, StreamID 0, absolute timestamps.
#pragma once

#include "media/wire_log.h"

namespace srs::media {

class FlvWire : public WireEncoder {
 public:
  explicit FlvWire(Annotations annotations = Annotations::left_out) : annotations_(annotations) {}

  std::size_t encoded_size(const Message& message) const override;
  void encode(const Message& message, std::uint8_t* to) const override;
  std::optional<std::size_t> payload_offset(const Message&) const override { return flv::tag_header_size; }

 private:
  Annotations annotations_;
};

}  // namespace srs::media
