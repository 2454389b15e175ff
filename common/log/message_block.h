// MessageBlock: a piece of a log of messages; and MessageStart: a place in it to begin at.
//
// Offsets of such a log count messages.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "log/chain.h"
#include "media/message.h"
#include "media/stream_headers.h"

namespace srs::log {

// A key frame (each second, without video).
struct MessageStart {
  Offset offset = 0;  // of the message
  std::int64_t timestamp_ms = 0;
  // In force there; of tracks that bring nothing they are left out. Starts between two changes share one.
  // Never null.
  std::shared_ptr<const media::StreamHeaders> headers;
  // Those of other tracks at this moment that came just before: nothing of those tracks that follows could be
  // decoded without them.
  std::vector<media::Message> other_key_frames;
  std::unique_ptr<const MessageStart> before;  // in the same block; may be null
};

// Written by the log's owner; read up to what the atomics say.
struct MessageBlock : ChainBlock<MessageBlock, MessageStart> {
  MessageBlock(Offset start_offset, std::uint32_t max_messages);
  ~MessageBlock();

  Offset offset_of(std::uint32_t index) const { return start + index; }
  std::int64_t timestamp_of(std::uint32_t index) const { return messages[index].timestamp_ms; }
  const MessageStart* start_of(std::uint32_t index) const;
  std::uint32_t index_of(Offset offset, std::uint32_t) const {
    return static_cast<std::uint32_t>(offset - start);
  }

  const media::Message* messages = nullptr;  // does not change
  // Starts are few: a list of them, newest first, is smaller than a pointer for each message.
  std::atomic<const MessageStart*> newest_start{nullptr};  // owned

  // The writer's.
  std::vector<media::Message> storage;  // grows up to its capacity, and so stays where it is
  std::size_t payload_bytes = 0;
};

using MessageChain = Chain<MessageBlock>;

// An empty block to begin with.
std::shared_ptr<MessageBlock> first_message_block(Offset start);
// By the writer's thread. start: null if playing cannot begin at this message; its offset is filled in.
void append(MessageChain& chain, media::Message&& message, std::unique_ptr<MessageStart> start);

}  // namespace srs::log
