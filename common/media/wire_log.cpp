#include "media/wire_log.h"

#include <algorithm>

namespace srs::media {
namespace {

// Small streams need little, large ones few pieces a send: blocks grow up to the largest size.
constexpr std::size_t first_block_size = 64 * 1024;
constexpr std::size_t largest_block_size = 256 * 1024;
// A block has room for so many messages; one of many tiny messages ends early.
constexpr std::size_t bytes_per_mark = 256;

}  // namespace

WireBlock::WireBlock(WireOffset start_offset, std::size_t capacity_bytes)
    : start(start_offset),
      capacity(capacity_bytes),
      max_marks(capacity_bytes / bytes_per_mark),
      bytes(make_block(capacity_bytes)),
      marks(std::make_unique_for_overwrite<Mark[]>(max_marks)) {}

WireLog::WireLog(const WireEncoder& encoder)
    : encoder_(encoder), first_(std::make_shared<WireBlock>(0, first_block_size)), last_(first_) {}

// Block by block: a long chain would go one destructor inside the other.
WireLog::~WireLog() {
  while (first_) first_ = std::shared_ptr<WireBlock>(first_->next_owner);
}

std::shared_ptr<WireBlock> WireLog::first() const {
  const std::lock_guard lock(first_mutex_);
  return first_;
}

WireBlock& WireLog::room_for(std::size_t size) {
  WireBlock& last = *last_;
  if (last.capacity - last.used >= size && last.mark_count.load(std::memory_order_relaxed) < last.max_marks)
    return last;
  const std::size_t capacity = std::max(size, std::min(last.capacity * 2, largest_block_size));
  last.next_owner = std::make_shared<WireBlock>(head_.load(std::memory_order_relaxed), capacity);
  last_ = last.next_owner;
  last.next.store(last_.get(), std::memory_order_release);
  return *last_;
}

void WireLog::append(const Message& message) {
  const std::size_t size = encoder_.encoded_size(message);
  if (size == 0) return;
  WireBlock& block = room_for(size);
  encoder_.encode(message, block.bytes.get() + block.used);
  const std::uint32_t count = block.mark_count.load(std::memory_order_relaxed);
  WireBlock::Mark mark{static_cast<std::uint32_t>(block.used), message.timestamp_ms, nullptr};
  if (pending_start_) {
    pending_start_->offset = head_.load(std::memory_order_relaxed);
    mark.start = pending_start_.get();
    block.starts.push_back(std::move(pending_start_));
  }
  block.marks[count] = mark;
  block.mark_count.store(count + 1, std::memory_order_release);
  block.used += size;
  head_.store(block.start + block.used, std::memory_order_release);
}

void WireLog::take_over(Message& message) {
  append(message);
  const auto payload_offset = encoder_.payload_offset(message);
  const std::size_t size = encoder_.encoded_size(message);
  if (size == 0 || !payload_offset) return;
  const std::uint8_t* payload = last_->bytes.get() + last_->used - size + *payload_offset;
  message.payload = Slice(last_->bytes, Bytes(payload, message.payload.size()));
  message.framed = false;
}

void WireLog::mark_start(std::int64_t timestamp_ms, std::uint32_t headers_version, Slice prelude) {
  pending_start_ =
      std::make_unique<WireStart>(WireStart{0, timestamp_ms, headers_version, std::move(prelude)});
}

void WireLog::evict_before(Offset offset) {
  tail_.store(offset, std::memory_order_release);
  for (;;) {
    const WireBlock* next = first_->next.load(std::memory_order_relaxed);
    if (next == nullptr || next->start > offset) return;
    const std::shared_ptr<WireBlock> gone = first_;  // freed, if it is, when the lock is given back
    const std::lock_guard lock(first_mutex_);
    first_ = gone->next_owner;
  }
}

}  // namespace srs::media
