// FlvWires: how HTTP players are sent FLV. Stateless; one set serves all streams and threads.
#pragma once

#include <cstdint>
#include <string>

#include "log/flv_wire.h"

namespace srs::relay {

struct FlvForm {
  bool annotated = false;
  log::Framing framing = log::Framing::plain;
};

class FlvWires {
 public:
  const log::WireEncoder& wire(FlvForm form) const {
    const Pair& wires = form.framing == log::Framing::chunked ? chunked_ : plain_;
    return form.annotated ? wires.annotated : wires.ordinary;
  }

  // The last bytes of an FLV response: for clients that asked for annotations a tag at newest_ms, the time
  // of the stream's last frame; with chunked encoding the last chunk.
  static Slice end(const std::string& path, FlvForm form, std::int64_t newest_ms);

 private:
  struct Pair {
    explicit Pair(log::Framing framing)
        : ordinary(log::Annotations::left_out, framing), annotated(log::Annotations::sent, framing) {}
    log::FlvWire ordinary, annotated;
  };

  Pair plain_{log::Framing::plain}, chunked_{log::Framing::chunked};
};

}  // namespace srs::relay
