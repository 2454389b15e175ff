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
    : encoder_(encoder),
      encoder_owner_(encoder.weak_from_this().lock()),
      first_(std::make_shared<WireBlock>(0, first_block_size)),
      last_(first_) {}

// Block by block: a long chain would go one destructor inside the other.
WireLog::~WireLog() {
  while (first_) first_ = std::shared_ptr<WireBlock>(first_->next_owner);
}

std::shared_ptr<WireBlock> WireLog::first() const {
  const std::lock_guard lock(first_mutex_);
  return first_;
}

WireBlock& WireLog::block_with(std::size_t room) {
  WireBlock& last = *last_;
  if (last.capacity - last.used >= room && last.mark_count.load(std::memory_order_relaxed) < last.max_marks)
    return last;
  const std::size_t capacity = std::max(room, std::min(last.capacity * 2, largest_block_size));
  last.next_owner = std::make_shared<WireBlock>(head_.load(std::memory_order_relaxed), capacity);
  last_ = last.next_owner;
  last.next.store(last_.get(), std::memory_order_release);
  return *last_;
}

std::optional<WireEncoder::Encoded> WireLog::put(const Message& message, std::uint32_t number) {
  WireBlock& block = block_with(encoder_.room_for(message.payload.size()));
  BoundedWriter writer({block.bytes.get() + block.used, block.capacity - block.used});
  const WireEncoder::Encoded encoded = encoder_.encode(message, writer);
  if (encoded.size == 0) return std::nullopt;
  const std::uint32_t count = block.mark_count.load(std::memory_order_relaxed);
  WireBlock::Mark mark{static_cast<std::uint32_t>(block.used), number, message.timestamp_ms, nullptr};
  if (pending_start_) {
    pending_start_->offset = head_.load(std::memory_order_relaxed);
    mark.start = pending_start_.get();
    block.starts.push_back(std::move(pending_start_));
  }
  block.marks[count] = mark;
  block.mark_count.store(count + 1, std::memory_order_release);
  block.used += encoded.size;
  head_.store(block.start + block.used, std::memory_order_release);
  return encoded;
}

void WireLog::append(const Message& message, std::uint32_t number) {
  put(message, number);
}

void WireLog::take_over(Message& message, std::uint32_t number) {
  const auto encoded = put(message, number);
  if (!encoded || !encoded->payload_offset) return;
  const std::uint8_t* payload = last_->bytes.get() + last_->used - encoded->size + *encoded->payload_offset;
  message.payload = Slice(last_->bytes, Bytes(payload, message.payload.size()));
  message.framed = false;
}

void WireLog::mark_start(std::int64_t timestamp_ms, const StreamHeaders& headers) {
  pending_start_ = std::make_unique<WireStart>(WireStart{0, timestamp_ms, shared(headers)});
}

std::shared_ptr<const WireHeaders> WireLog::shared(const StreamHeaders& headers) {
  if (headers_ && headers_->version == headers.version()) return headers_;
  auto fresh = std::make_shared<WireHeaders>();
  fresh->version = headers.version();
  // Codec headers may change while the metadata, which may be long, stays.
  const bool same_metadata = headers_ && metadata_version_ == headers.metadata_version();
  if (same_metadata) {
    fresh->metadata = headers_->metadata;
  } else if (!headers.metadata().payload.empty()) {
    fresh->metadata = encode_alone(encoder_, headers.metadata());
  }
  for (const Message* codec : {&headers.video(), &headers.audio()})
    if (!codec->payload.empty()) fresh->codecs.push_back(*codec);
  metadata_version_ = headers.metadata_version();
  headers_ = std::move(fresh);
  return headers_;
}

WirePrelude prelude(const WireEncoder& encoder, const WireStart& start) {
  WirePrelude prelude{start.headers->metadata, {}};
  std::size_t room = 0;
  for (const Message& codec : start.headers->codecs) room += encoder.room_for(codec.payload.size());
  Block block = make_block(room);
  BoundedWriter writer({block.get(), room});
  for (Message codec : start.headers->codecs) {
    codec.timestamp_ms = start.timestamp_ms;
    encoder.encode(codec, writer);
  }
  const Bytes written(block.get(), writer.failed() ? 0 : writer.size());
  prelude.codecs = Slice(std::move(block), written);
  return prelude;
}

void WireLog::move_tail(Offset offset) {
  tail_.store(offset, std::memory_order_release);
  for (;;) {
    const WireBlock* next = first_->next.load(std::memory_order_relaxed);
    if (next == nullptr || next->start > offset) return;
    tail_mark_ = 0;
    const std::shared_ptr<WireBlock> gone = first_;  // freed, if it is, when the lock is given back
    const std::lock_guard lock(first_mutex_);
    first_ = gone->next_owner;
  }
}

void WireLog::evict_before(std::uint32_t number) {
  const auto is_before = [&](const WireBlock::Mark& mark) {
    return static_cast<std::int32_t>(mark.number - number) < 0;
  };
  for (;;) {
    const WireBlock& block = *first_;
    const std::uint32_t count = block.mark_count.load(std::memory_order_relaxed);
    while (tail_mark_ < count && is_before(block.marks[tail_mark_])) ++tail_mark_;
    if (tail_mark_ < count) return move_tail(block.start + block.marks[tail_mark_].at);
    const WireBlock* next = block.next.load(std::memory_order_relaxed);
    if (next == nullptr) return move_tail(head_.load(std::memory_order_relaxed));
    move_tail(next->start);
  }
}

}  // namespace srs::media
