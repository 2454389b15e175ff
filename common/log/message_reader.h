// MessageReader: one thread's view of a MessageLog that another thread appends to. See ChainReader.
//
//     MessageReader reader(log.messages());
//     reader.refresh();
//     for (auto run = reader.from(offset); !run.empty(); offset += run.size(), run = reader.from(offset))
//       for (const media::Message& message : run) take(message);
//     reader.release_before(offset);
#pragma once

#include <memory>
#include <span>

#include "log/chain_reader.h"
#include "log/message_block.h"

namespace srs::log {

class MessageReader : public ChainReader<MessageBlock> {
 public:
  // messages: of a MessageLog; the reader may outlive that.
  explicit MessageReader(std::shared_ptr<const MessageChain> messages)
      : ChainReader(*messages), messages_(std::move(messages)) {}

  // The messages from `offset` (not released) on, up to the end of a block or head(); empty at head(). Valid
  // until release_before() or reset(). Where playing can begin: start_at().
  std::span<const media::Message> from(Offset offset) const;
  // The start at `offset` (not released, below head()), or null.
  const MessageStart* start_at(Offset offset) const;

 private:
  const std::shared_ptr<const MessageChain> messages_;
};

}  // namespace srs::log
