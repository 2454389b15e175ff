#include "media/wire_log.h"

#include <algorithm>

namespace srs::media {

std::uint8_t* WireLog::room_for(std::size_t size) {
  if (blocks_.empty() || blocks_.back().capacity - blocks_.back().used < size) {
    const std::size_t capacity = std::max(block_size, size);
    blocks_.push_back({make_block(capacity), capacity, 0, head_});
  }
  LogBlock& block = blocks_.back();
  std::uint8_t* room = block.bytes.get() + block.used;
  block.used += size;
  return room;
}

void WireLog::append(const Message& message) {
  const std::size_t size = encoder_.encoded_size(message);
  if (size == 0) return;
  encoder_.encode(message, room_for(size));
  marks_.push_back({head_, message.timestamp_ms});
  head_ += size;
}

void WireLog::mark_start(std::int64_t timestamp_ms, std::uint32_t headers_version, Slice prelude) {
  starts_.push_back({head_, timestamp_ms, headers_version, std::move(prelude)});
}

void WireLog::evict_before(Offset offset) {
  while (!marks_.empty() && marks_.front().offset < offset) marks_.pop_front();
  const Offset new_tail = tail();
  while (!starts_.empty() && starts_.front().offset < new_tail) starts_.pop_front();
  while (!blocks_.empty() && blocks_.front().start + blocks_.front().used <= new_tail) blocks_.pop_front();
}

std::int64_t WireLog::timestamp_at(Offset offset) const {
  if (marks_.empty()) return 0;
  const auto mark = mark_of(offset);
  return mark == marks_.end() ? marks_.back().timestamp_ms : mark->timestamp_ms;
}

std::optional<WireLog::Start> WireLog::newest_start() const {
  if (starts_.empty() || starts_.back().offset >= head_) return std::nullopt;
  return starts_.back();
}

std::deque<WireLog::Mark>::const_iterator WireLog::mark_of(Offset offset) const {
  if (offset >= head_) return marks_.end();
  const auto behind = std::upper_bound(marks_.begin(), marks_.end(), offset,
                                       [](Offset wanted, const Mark& mark) { return wanted < mark.offset; });
  return behind == marks_.begin() ? behind : std::prev(behind);
}

const WireLog::LogBlock& WireLog::block_of(Offset offset) const {
  const auto behind =
      std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                       [](Offset wanted, const LogBlock& block) { return wanted < block.start; });
  return *std::prev(behind);
}

std::size_t WireLog::gather(Offset offset, iovec* pieces, std::size_t max_pieces) const {
  std::size_t count = 0;
  while (offset < head_ && count < max_pieces) {
    const LogBlock& block = block_of(offset);
    const std::size_t skipped = static_cast<std::size_t>(offset - block.start);
    pieces[count++] = {block.bytes.get() + skipped, block.used - skipped};
    offset = block.start + block.used;
  }
  return count;
}

Slice WireLog::next_slice(Offset offset) const {
  const LogBlock& block = block_of(offset);
  const std::size_t skipped = static_cast<std::size_t>(offset - block.start);
  return Slice(block.bytes, Bytes(block.bytes.get() + skipped, block.used - skipped));
}

Slice WireLog::rest_of_message(Offset offset) const {
  const auto mark = mark_of(offset);
  if (mark == marks_.end() || mark->offset == offset) return {};
  const auto next = std::next(mark);
  const Offset end = next == marks_.end() ? head_ : next->offset;
  const LogBlock& block = block_of(offset);
  return Slice(block.bytes,
               Bytes(block.bytes.get() + (offset - block.start), static_cast<std::size_t>(end - offset)));
}

}  // namespace srs::media
