#include "media/wire_reader.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace srs::media {
namespace {

// Those that can be seen by now.
std::span<const WireBlock::Mark> marks_of(const WireBlock& block) {
  return {block.marks.get(), block.mark_count.load(std::memory_order_acquire)};
}

}  // namespace

void WireReader::refresh() {
  // The head first: what is before it is in blocks, and has marks, that can be seen by now.
  head_ = log_.head();
  take_in_blocks();
  take_in_marks();
  tail_ = std::max(tail_, log_.tail());
}

void WireReader::take_in_blocks() {
  if (blocks_.empty()) {
    blocks_.push_back(log_.first());
    head_ = std::max(head_, log_.head());  // the log may have moved on to that block since
    seen_block_ = blocks_.front().get();
    seen_marks_ = 0;
  }
  while (blocks_.back()->next.load(std::memory_order_acquire) != nullptr)
    blocks_.push_back(blocks_.back()->next_owner);
}

void WireReader::take_in_marks() {
  for (;;) {
    const std::uint32_t count = seen_block_->mark_count.load(std::memory_order_acquire);
    for (; seen_marks_ < count; ++seen_marks_) {
      const WireBlock::Mark& mark = seen_block_->marks[seen_marks_];
      if (seen_block_->start + mark.at >= head_) return;
      newest_ms_ = mark.timestamp_ms;
      if (mark.start != nullptr) newest_start_ = mark.start;
    }
    const WireBlock* next = seen_block_->next.load(std::memory_order_acquire);
    // A block that has a next one gets no more marks, but may have got some since they were counted.
    if (next == nullptr) return;
    if (seen_marks_ < seen_block_->mark_count.load(std::memory_order_acquire)) continue;
    if (next->start >= head_) return;
    seen_block_ = next;
    seen_marks_ = 0;
  }
}

void WireReader::release_before(WireOffset offset) {
  while (blocks_.size() > 1 && blocks_[1]->start <= offset && blocks_.front().get() != seen_block_) {
    if (newest_start_ != nullptr && newest_start_->offset < blocks_[1]->start) newest_start_ = nullptr;
    blocks_.pop_front();
  }
}

void WireReader::reset() {
  blocks_.clear();
  seen_block_ = nullptr;
  newest_start_ = nullptr;
}

const WireStart* WireReader::newest_start() const {
  return newest_start_ != nullptr && newest_start_->offset >= tail_ ? newest_start_ : nullptr;
}

const WireStart* WireReader::oldest_start() const {
  for (const BlockPtr& block : blocks_)
    for (const WireBlock::Mark& mark : marks_of(*block)) {
      if (block->start + mark.at >= head_) return nullptr;
      if (mark.start != nullptr && mark.start->offset >= tail_) return mark.start;
    }
  return nullptr;
}

std::size_t WireReader::block_at(WireOffset offset) const {
  const auto behind =
      std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                       [](WireOffset wanted, const BlockPtr& block) { return wanted < block->start; });
  return static_cast<std::size_t>(behind - blocks_.begin()) - 1;
}

WireOffset WireReader::end_of(std::size_t index) const {
  return index + 1 < blocks_.size() ? std::min(blocks_[index + 1]->start, head_) : head_;
}

const WireBlock::Mark* WireReader::mark_at(const WireBlock& block, WireOffset offset) const {
  const std::span<const WireBlock::Mark> marks = marks_of(block);
  const auto at = static_cast<std::uint32_t>(offset - block.start);
  const auto behind =
      std::upper_bound(marks.begin(), marks.end(), at,
                       [](std::uint32_t wanted, const WireBlock::Mark& mark) { return wanted < mark.at; });
  return &*std::prev(behind);
}

std::int64_t WireReader::timestamp_at(WireOffset offset) const {
  if (offset >= head_) return newest_ms_;
  return mark_at(*blocks_[block_at(offset)], offset)->timestamp_ms;
}

WireOffset WireReader::offset_since(std::int64_t timestamp_ms) const {
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const WireBlock& block = *blocks_[i];
    const std::span<const WireBlock::Mark> marks = marks_of(block);
    if (i > 0 && (marks.empty() || marks.front().timestamp_ms >= timestamp_ms)) continue;
    const auto mark = std::find_if(marks.begin(), marks.end(), [&](const WireBlock::Mark& each) {
      return each.timestamp_ms >= timestamp_ms;
    });
    return std::min(mark == marks.end() ? end_of(i) : block.start + mark->at, head_);
  }
  return head_;
}

std::size_t WireReader::gather(WireOffset offset, iovec* pieces, std::size_t max_pieces) const {
  if (offset >= head_) return 0;
  std::size_t count = 0;
  for (std::size_t i = block_at(offset); offset < head_ && count < max_pieces; ++i) {
    const WireOffset end = end_of(i);
    pieces[count++] = {blocks_[i]->bytes.get() + (offset - blocks_[i]->start),
                       static_cast<std::size_t>(end - offset)};
    offset = end;
  }
  return count;
}

Slice WireReader::next_slice(WireOffset offset) const {
  const std::size_t index = block_at(offset);
  const WireBlock& block = *blocks_[index];
  return Slice(block.bytes, Bytes(block.bytes.get() + (offset - block.start),
                                  static_cast<std::size_t>(end_of(index) - offset)));
}

Slice WireReader::rest_of_message(WireOffset offset) {
  if (offset >= head_) return {};
  const std::size_t index = block_at(offset);
  const WireBlock& block = *blocks_[index];
  const WireBlock::Mark* mark = mark_at(block, offset);
  const WireOffset begin = block.start + mark->at;
  if (begin == offset) return {};
  const bool is_last = mark == &marks_of(block).back();
  const WireOffset end = is_last ? end_of(index) : std::min(block.start + mark[1].at, head_);
  const Bytes message(block.bytes.get() + mark->at, static_cast<std::size_t>(end - begin));
  const Block held = message.size() > block.capacity / 2 ? block.bytes : copy_of(begin, message);
  const std::uint8_t* first = held == block.bytes ? message.data() : held.get();
  return Slice(held, Bytes(first, message.size()).subspan(static_cast<std::size_t>(offset - begin)));
}

Block WireReader::copy_of(WireOffset begin, Bytes message) {
  std::weak_ptr<std::uint8_t[]>& held = copies_[begin];
  Block copy = held.lock();
  if (copy) return copy;
  // Not in one allocation with its counters: those live as long as the entry of the map.
  copy = Block(new std::uint8_t[message.size()]);
  std::memcpy(copy.get(), message.data(), message.size());
  held = copy;
  std::erase_if(copies_, [](const auto& entry) { return entry.second.expired(); });
  return copy;
}

}  // namespace srs::media
