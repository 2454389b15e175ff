#include "log/wire_log.h"

#include <algorithm>

#include "log/block_size.h"

namespace srs::log {
namespace {

constexpr std::size_t largest_block_size = 256 * 1024;
// A block has room for so many messages; one of many tiny messages ends early.
constexpr std::size_t bytes_per_mark = 256;

}  // namespace

WireBlock::WireBlock(WireOffset start_offset, std::size_t capacity_bytes)
    : ChainBlock(start_offset),
      capacity(capacity_bytes),
      max_marks(capacity_bytes / bytes_per_mark),
      bytes(make_block(capacity_bytes)),
      marks(std::make_unique_for_overwrite<Mark[]>(max_marks)) {}

std::uint32_t WireBlock::index_of(WireOffset offset, std::uint32_t entries) const {
  const auto at = static_cast<std::uint32_t>(offset - start);
  const Mark* behind =
      std::upper_bound(marks.get(), marks.get() + entries, at,
                       [](std::uint32_t wanted, const Mark& mark) { return wanted < mark.at; });
  return static_cast<std::uint32_t>(behind - marks.get()) - 1;
}

WireLog::WireLog(const WireEncoder& encoder, WireOffset begin)
    : encoder_(encoder),
      encoder_owner_(encoder.weak_from_this().lock()),
      chain_(std::make_shared<WireBlock>(begin, smallest_block_size)) {}

WireBlock& WireLog::block_with(std::size_t room) {
  WireBlock& last = chain_.last();
  if (last.capacity - last.used >= room && last.count.load(std::memory_order_relaxed) < last.max_marks)
    return last;
  const std::size_t usual = block_size_for(size_bytes(), largest_block_size);
  return chain_.extend(std::make_shared<WireBlock>(last.start + last.used, std::max(room, usual)));
}

std::optional<WireEncoder::Encoded> WireLog::put(const media::Message& message, std::uint32_t number) {
  WireBlock& block = block_with(encoder_.room_for(message.payload.size()));
  BoundedWriter writer({block.bytes.get() + block.used, block.capacity - block.used});
  const WireEncoder::Encoded encoded = encoder_.encode(message, writer);
  if (encoded.size == 0) return std::nullopt;
  const std::uint32_t count = block.count.load(std::memory_order_relaxed);
  WireBlock::Mark mark{static_cast<std::uint32_t>(block.used), number, message.timestamp_ms, nullptr};
  if (pending_start_) {
    pending_start_->offset = block.start + block.used;
    mark.start = pending_start_.get();
    block.starts.push_back(std::move(pending_start_));
  }
  block.marks[count] = mark;
  block.count.store(count + 1, std::memory_order_release);
  block.used += encoded.size;
  chain_.publish(block.start + block.used);
  return encoded;
}

void WireLog::append(const media::Message& message, std::uint32_t number) {
  put(message, number);
}

void WireLog::take_over(media::Message& message, std::uint32_t number) {
  const auto encoded = put(message, number);
  if (!encoded || !encoded->payload_offset) return;
  const WireBlock& block = chain_.last();
  const std::uint8_t* payload = block.bytes.get() + block.used - encoded->size + *encoded->payload_offset;
  message.payload = Slice(block.bytes, Bytes(payload, message.payload.size()));
  message.framed = false;
}

void WireLog::mark_start(std::int64_t timestamp_ms, const media::StreamHeaders& headers,
                         std::vector<media::Message> other_key_frames) {
  pending_start_ =
      std::make_unique<WireStart>(WireStart{0, timestamp_ms, shared(headers), std::move(other_key_frames)});
}

std::shared_ptr<const WireHeaders> WireLog::shared(const media::StreamHeaders& headers) {
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
  fresh->codecs = headers.codecs();
  metadata_version_ = headers.metadata_version();
  headers_ = std::move(fresh);
  return headers_;
}

namespace {

// One behind the other, at this time.
Slice encode_all(const WireEncoder& encoder, const std::vector<media::Message>& messages,
                 std::int64_t timestamp_ms) {
  std::size_t room = 0;
  for (const media::Message& message : messages) room += encoder.room_for(message.payload.size());
  if (room == 0) return {};
  Block block = make_block(room);
  BoundedWriter writer({block.get(), room});
  for (media::Message message : messages) {
    message.timestamp_ms = timestamp_ms;
    encoder.encode(message, writer);
  }
  const Bytes written(block.get(), writer.failed() ? 0 : writer.size());
  return Slice(std::move(block), written);
}

}  // namespace

WirePrelude prelude(const WireEncoder& encoder, const WireStart& start) {
  return {start.headers->metadata, encode_all(encoder, start.headers->codecs, start.timestamp_ms),
          encode_all(encoder, start.other_key_frames, start.timestamp_ms)};
}

void WireLog::evict_before(std::uint32_t number) {
  chain_.evict_while([number](const WireBlock& block, std::uint32_t index) {
    return is_before(block.marks[index].number, number);
  });
}

}  // namespace srs::log
