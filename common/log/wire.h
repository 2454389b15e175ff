// Wire: a view of a log of messages in the form that players of one kind are sent: bytes (WireLog) or packets
// (PacketLog).
//
// MessageLog feeds each of its wires with every message, and tells it what to forget. A wire is written by
// the log's thread and read by any; it lives on for as long as somebody reads it.
#pragma once

#include <cstdint>

#include "log/message_block.h"
#include "media/message.h"

namespace srs::log {

class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  // All by the writer's thread.

  // The message taken over next is a place to start at. If it is not for this wire, the next one that is.
  virtual void begin_at(const MessageStart& start) = 0;
  // Appends a message, and may let its payload be the one in the wire from now on, so that it is not held
  // twice. number: of the message in its stream, modulo 2^32; the messages of a wire come in this order, but
  // not every one of the stream is for every wire. A message that the wire cannot say is left out.
  virtual void take_over(media::Message& message, std::uint32_t number) = 0;
  // Forgets the messages before this one of the stream. Less than 2^31 messages may lie between.
  virtual void evict_before(std::uint32_t number) = 0;
};

// Whether a message of one number comes before that of another.
constexpr bool is_before(std::uint32_t number, std::uint32_t other) {
  return static_cast<std::int32_t>(number - other) < 0;
}

}  // namespace srs::log
