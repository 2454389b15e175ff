#include "log/packet_log.h"

#include <algorithm>
#include <cstring>

namespace srs::log {
namespace {

// A block has room for twice what the one before it had, in bytes and in packets, within these bounds: so
// neither many small packets nor few large ones leave much of it empty. Packets are sent one by one: larger
// blocks would save nothing, and be kept longer.
constexpr std::size_t first_block_bytes = 16 * 1024;
constexpr std::size_t largest_block_bytes = 64 * 1024;
constexpr std::uint32_t fewest_packets = 32;
constexpr std::uint32_t most_packets = 128;

std::size_t cost(const PacketBlock::Mark& mark) {
  return mark.size + sizeof mark;
}

PacketBlock::Indexes all(Offset index) {
  PacketBlock::Indexes indexes;
  indexes.fill(index);
  return indexes;
}

}  // namespace

PacketBlock::PacketBlock(Offset start_offset, std::size_t capacity_bytes, std::uint32_t capacity_packets,
                         const Indexes& first_indexes)
    : ChainBlock(start_offset),
      capacity(capacity_bytes),
      max_marks(capacity_packets),
      first_index(first_indexes),
      bytes(make_block(capacity_bytes)),
      marks(std::make_unique_for_overwrite<Mark[]>(capacity_packets)) {}

PacketLog::PacketLog(const PacketFormat& format, std::size_t max_bytes, Offset begin)
    : format_(format),
      format_owner_(format.weak_from_this().lock()),
      wire_(format.make_wire()),
      max_bytes_(max_bytes),
      next_index_(all(begin)),
      chain_(std::make_shared<PacketBlock>(begin, first_block_bytes, fewest_packets, next_index_)) {}

void PacketLog::begin_at(const MessageStart& start) {
  pending_start_ = std::make_unique<PacketStart>(PacketStart{0, start.timestamp_ms, start.headers});
  wire_->begin_at(*start.headers);
}

void PacketLog::append(const media::Message& message, std::uint32_t number) {
  message_ = &message;
  number_ = number;
  packets_ = 0;
  wire_->split(message, *this);
  message_ = nullptr;
  if (packets_ == 0) return;
  const PacketBlock& last = chain_.last();
  chain_.publish(last.start + last.count.load(std::memory_order_relaxed));
  if (cost_bytes_ > max_bytes_) keep_within_limit();
}

PacketBlock& PacketLog::block_with(std::size_t room) {
  PacketBlock& last = chain_.last();
  const std::uint32_t count = last.count.load(std::memory_order_relaxed);
  if (last.capacity - last.used >= room && count < last.max_marks) return last;
  const std::size_t bytes = std::clamp(last.used * 2, first_block_bytes, largest_block_bytes);
  const std::uint32_t packets = std::clamp(count * 2, fewest_packets, most_packets);
  return chain_.extend(
      std::make_shared<PacketBlock>(last.start + count, std::max(room, bytes), packets, next_index_));
}

bool PacketLog::put(const PacketMark& mark, std::span<const Bytes> pieces) {
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  if (size == 0 || size > max_packet_bytes || mark.track >= max_packet_tracks ||
      packets_ == max_packets_of_message)
    return false;
  PacketBlock& block = block_with(size);
  const std::uint32_t count = block.count.load(std::memory_order_relaxed);
  const auto at = static_cast<std::uint32_t>(block.used);
  for (const Bytes piece : pieces) {
    if (!piece.empty()) std::memcpy(block.bytes.get() + block.used, piece.data(), piece.size());
    block.used += piece.size();
  }
  block.marks[count] = {next_index_[mark.track]++,
                        mark.time,
                        message_->timestamp_ms,
                        nullptr,
                        at,
                        number_,
                        static_cast<std::uint16_t>(size),
                        mark.track,
                        mark.marker,
                        packets_ == 0};
  if (pending_start_) {
    pending_start_->offset = block.start + count;
    block.marks[count].start = pending_start_.get();
    block.starts.push_back(std::move(pending_start_));
  }
  block.count.store(count + 1, std::memory_order_release);
  cost_bytes_ += cost(block.marks[count]);
  ++packets_;
  return true;
}

void PacketLog::evict_before(std::uint32_t number) {
  chain_.evict_while([&](const PacketBlock& block, std::uint32_t packet) {
    if (!is_before(block.marks[packet].number, number)) return false;
    cost_bytes_ -= cost(block.marks[packet]);
    return true;
  });
}

// Whole messages go, all but the newest.
void PacketLog::keep_within_limit() {
  std::uint32_t going = number_;
  chain_.evict_while([&](const PacketBlock& block, std::uint32_t packet) {
    const PacketBlock::Mark& mark = block.marks[packet];
    if (mark.number == number_ || (mark.number != going && cost_bytes_ <= max_bytes_)) return false;
    going = mark.number;
    cost_bytes_ -= cost(mark);
    return true;
  });
}

}  // namespace srs::log
