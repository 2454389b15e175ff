// RtmpWires: how RTMP players are sent a stream. Stateless; one set serves all streams and threads.
#pragma once

#include "rtmp/message_encoder.h"

namespace srs::relay {

class RtmpWires {
 public:
  const log::WireEncoder& wire(bool annotated) const { return annotated ? annotated_ : ordinary_; }

 private:
  rtmp::RtmpWire ordinary_, annotated_{log::Annotations::sent};
};

}  // namespace srs::relay
