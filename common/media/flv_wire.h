// FlvWire: FLV tags as HTTP-FLV players get them, StreamID 0, absolute timestamps.
#pragma once

#include "media/wire_log.h"

namespace srs::media {

class FlvWire : public WireEncoder {
 public:
  // Our own annotations stay on the pipe: FFmpeg would show each as a data stream.
  std::size_t encoded_size(const Message& message) const override;
  void encode(const Message& message, std::uint8_t* to) const override;
};

}  // namespace srs::media
