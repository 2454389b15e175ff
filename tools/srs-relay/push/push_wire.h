// PushWire: a stream's messages as a publisher sends them to another server.
//
// They differ from a player's in two things: metadata is wrapped in "@setDataFrame", and messages are on the
// message stream that the server gave. Nearly all servers give 1, so one wire serves nearly all pushes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "log/wire_encoder.h"

namespace srs::relay {

class PushWire : public log::WireEncoder {
 public:
  PushWire(std::uint32_t message_stream_id, log::Annotations annotations)
      : message_stream_id_(message_stream_id), annotations_(annotations) {}

  std::size_t room_for(std::size_t payload_bytes) const override;
  Encoded encode(const media::Message& message, BoundedWriter& to) const override;

 private:
  std::uint32_t message_stream_id_;
  log::Annotations annotations_;
};

// The wires in use, created on demand. Any thread. A wire lives as long as a push or a wire log holds it,
// so their number stays small although servers choose the ids.
class PushWires {
 public:
  std::shared_ptr<const PushWire> find(std::uint32_t message_stream_id, log::Annotations annotations);
  // Wires in use, and perhaps some that have expired.
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::uint32_t, log::Annotations>, std::weak_ptr<const PushWire>> wires_;
};

}  // namespace srs::relay
