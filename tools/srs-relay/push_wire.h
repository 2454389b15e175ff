// PushWire: a stream's messages as a publisher sends them to another server.
//
// They differ from a player's in two things: metadata is wrapped in "@setDataFrame", and messages are on the
// message stream that the server gave. Nearly all servers give 1, so one wire serves nearly all pushes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "media/wire_encoder.h"

namespace srs::relay {

class PushWire : public media::WireEncoder {
 public:
  PushWire(std::uint32_t message_stream_id, media::Annotations annotations)
      : message_stream_id_(message_stream_id), annotations_(annotations) {}

  std::size_t room_for(std::size_t payload_bytes) const override;
  Encoded encode(const media::Message& message, BoundedWriter& to) const override;

 private:
  std::uint32_t message_stream_id_;
  media::Annotations annotations_;
};

// The wires in use, made when they are first wanted. Any thread. A wire lives as long as a push or a wire log
// holds it, and a stream's wire log goes when nobody reads it any more: the servers choose the ids, and any
// will do.
class PushWires {
 public:
  std::shared_ptr<const PushWire> find(std::uint32_t message_stream_id, media::Annotations annotations);
  // Those that are held, and perhaps some that are not.
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::uint32_t, media::Annotations>, std::weak_ptr<const PushWire>> wires_;
};

}  // namespace srs::relay
