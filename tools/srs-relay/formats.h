// Formats: the wire formats that players are served in. Stateless; one set serves all streams and threads.
#pragma once

#include <string_view>

#include "media/flv_wire.h"
#include "net/url.h"
#include "rtmp/message_encoder.h"

namespace srs::relay {

class Formats {
 public:
  // query: of the player's URL. `annotations=1` asks for our own script tags (onClock, onDiscontinuity),
  // which ordinary players would take for another track.
  const media::WireEncoder& flv(std::string_view query) const {
    return wants_annotations(query) ? annotated_flv_ : flv_;
  }
  const media::WireEncoder& rtmp(std::string_view query) const {
    return wants_annotations(query) ? annotated_rtmp_ : rtmp_;
  }

  // What ends the FLV of a stream for those who asked for annotations; empty for others.
  static Slice flv_end(const std::string& path, std::string_view query);

  static bool wants_annotations(std::string_view query) {
    return net::query_value(query, "annotations") == "1";
  }

 private:
  media::FlvWire flv_, annotated_flv_{media::Annotations::sent};
  rtmp::RtmpWire rtmp_, annotated_rtmp_{media::Annotations::sent};
};

}  // namespace srs::relay
