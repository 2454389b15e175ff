#include "log/message_block.h"

#include <algorithm>
#include <utility>

namespace srs::log {
namespace {

// A block goes as a whole, and its messages hold on to their payloads until then: so it ends at a start,
// where the tail is going to be, and at a bound in bytes. It has room for twice what the one before it had.
constexpr std::uint32_t fewest_messages = 8;
constexpr std::uint32_t most_messages = 24;
constexpr std::size_t most_payload_bytes = 64 * 1024;

MessageBlock& block_for(MessageChain& chain, bool starts) {
  MessageBlock& last = chain.last();
  const std::uint32_t count = last.count.load(std::memory_order_relaxed);
  if (count < last.storage.capacity() && last.payload_bytes < most_payload_bytes &&
      !(starts && count >= fewest_messages))
    return last;
  return chain.extend(std::make_shared<MessageBlock>(last.start + count,
                                                     std::clamp(count * 2, fewest_messages, most_messages)));
}

}  // namespace

MessageBlock::MessageBlock(Offset start_offset, std::uint32_t max_messages) : ChainBlock(start_offset) {
  storage.reserve(max_messages);
  messages = storage.data();
}

MessageBlock::~MessageBlock() {
  delete newest_start.load(std::memory_order_relaxed);
}

const MessageStart* MessageBlock::start_of(std::uint32_t index) const {
  const MessageStart* found = newest_start.load(std::memory_order_acquire);
  while (found != nullptr && found->offset > offset_of(index)) found = found->before.get();
  return found != nullptr && found->offset == offset_of(index) ? found : nullptr;
}

std::shared_ptr<MessageBlock> first_message_block(Offset start) {
  return std::make_shared<MessageBlock>(start, fewest_messages);
}

void append(MessageChain& chain, media::Message&& message, std::unique_ptr<MessageStart> start) {
  MessageBlock& block = block_for(chain, start != nullptr);
  const auto count = static_cast<std::uint32_t>(block.storage.size());
  block.payload_bytes += message.payload.size();
  block.storage.push_back(std::move(message));
  if (start) {
    start->offset = block.offset_of(count);
    start->before.reset(block.newest_start.load(std::memory_order_relaxed));
    block.newest_start.store(start.release(), std::memory_order_release);
  }
  block.count.store(count + 1, std::memory_order_release);
  chain.publish(block.start + count + 1);
}

}  // namespace srs::log
