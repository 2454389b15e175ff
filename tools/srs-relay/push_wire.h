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

// The wires in use, made when they are first wanted. Any thread. They live as long as this does.
class PushWires {
 public:
  // Null if there are too many: the servers choose the ids, and each costs a wire log in every stream.
  const PushWire* find(std::uint32_t message_stream_id, media::Annotations annotations);

 private:
  static constexpr std::size_t max_wires = 16;

  std::mutex mutex_;
  std::map<std::pair<std::uint32_t, media::Annotations>, std::unique_ptr<PushWire>> wires_;
};

}  // namespace srs::relay
