// ChainReader: one thread's view of a log that another thread appends to.
//
// refresh() takes in what is new; until the next one the view stays as it is. Blocks are held until
// release_before() says that nobody on this thread needs them: the log itself may have let go of them.
//
//     reader.refresh();
//     for (Player& player : players) player.send(reader);
//     reader.release_before(reader.tail());
//
// WireReader, MessageReader and PacketReader add how to get at what the blocks hold.
#pragma once

#include <algorithm>
#include <deque>

#include "log/chain.h"

namespace srs::log {

template <typename B>
class ChainReader {
 public:
  using Start = typename B::Start;

  // Takes in what has been appended and evicted. The first one begins at the log's tail.
  void refresh();
  // Lets go of the blocks that end before `offset`.
  void release_before(Offset offset);
  // Lets go of everything, as before the first refresh().
  void reset();

  // As of the last refresh().
  Offset tail() const { return tail_; }
  Offset head() const { return head_; }
  // Decoding time of the newest entry.
  std::int64_t newest_ms() const { return newest_ms_; }
  // The newest and the oldest place to begin at; null if there is none. Valid until release_before() or
  // reset().
  const Start* newest_start() const {
    return newest_start_ != nullptr && newest_start_->offset >= tail_ ? newest_start_ : nullptr;
  }
  const Start* oldest_start() const;
  // The newest place to begin at that is not later than this decoding time; null if there is none.
  const Start* start_before(std::int64_t timestamp_ms) const;
  // The decoding time of the entry that `offset` (not released) lies in; that of the newest one at head().
  std::int64_t timestamp_at(Offset offset) const;
  // The first entry of this decoding time or later; head() if there is none.
  Offset offset_since(std::int64_t timestamp_ms) const;

 protected:
  using BlockPtr = std::shared_ptr<B>;

  // The chain must outlive the reader, but for its end.
  explicit ChainReader(const Chain<B>& chain) : chain_(chain) {}
  ChainReader(const ChainReader&) = default;
  ChainReader(ChainReader&&) noexcept = default;
  ~ChainReader() { reset(); }

  static std::uint32_t count_of(const B& block) { return block.count.load(std::memory_order_acquire); }
  const B& block(std::size_t index) const { return *blocks_[index]; }
  // The index of the block that `offset` lies in.
  std::size_t block_at(Offset offset) const;
  // Where what can be seen of a block ends.
  Offset end_of(std::size_t index) const {
    return index + 1 < blocks_.size() ? std::min(blocks_[index + 1]->start, head_) : head_;
  }
  std::size_t blocks() const { return blocks_.size(); }

 private:
  void take_in_blocks();
  void take_in_entries();

  const Chain<B>& chain_;
  std::deque<BlockPtr> blocks_;
  Offset tail_ = 0;
  Offset head_ = 0;
  const B* seen_block_ = nullptr;  // entries up to here were looked at
  std::uint32_t seen_ = 0;
  std::int64_t newest_ms_ = 0;
  const Start* newest_start_ = nullptr;
};

template <typename B>
void ChainReader<B>::refresh() {
  // The head first: what is before it is in blocks, and in entries, that can be seen by now.
  head_ = chain_.head();
  take_in_blocks();
  take_in_entries();
  tail_ = std::max(tail_, chain_.tail());
}

template <typename B>
void ChainReader<B>::take_in_blocks() {
  if (blocks_.empty()) {
    blocks_.push_back(chain_.first());
    head_ = std::max(head_, chain_.head());  // the log may have moved on to that block since
    seen_block_ = blocks_.front().get();
    seen_ = 0;
  }
  while (blocks_.back()->next.load(std::memory_order_acquire) != nullptr)
    blocks_.push_back(blocks_.back()->next_owner);
}

template <typename B>
void ChainReader<B>::take_in_entries() {
  for (;;) {
    const std::uint32_t count = count_of(*seen_block_);
    for (; seen_ < count; ++seen_) {
      if (seen_block_->offset_of(seen_) >= head_) return;
      newest_ms_ = seen_block_->timestamp_of(seen_);
      if (const Start* start = seen_block_->start_of(seen_)) newest_start_ = start;
    }
    const B* next = seen_block_->next.load(std::memory_order_acquire);
    // A block that has a next one gets no more entries, but may have got some since they were counted.
    if (next == nullptr) return;
    if (seen_ < count_of(*seen_block_)) continue;
    if (next->start >= head_) return;
    seen_block_ = next;
    seen_ = 0;
  }
}

template <typename B>
void ChainReader<B>::release_before(Offset offset) {
  while (blocks_.size() > 1 && blocks_[1]->start <= offset && blocks_.front().get() != seen_block_) {
    if (newest_start_ != nullptr && newest_start_->offset < blocks_[1]->start) newest_start_ = nullptr;
    blocks_.pop_front();
  }
}

template <typename B>
void ChainReader<B>::reset() {
  while (blocks_.size() > 1) blocks_.pop_front();
  if (!blocks_.empty()) let_go(std::move(blocks_.front()));
  blocks_.clear();
  seen_block_ = nullptr;
  newest_start_ = nullptr;
}

template <typename B>
auto ChainReader<B>::oldest_start() const -> const Start* {
  for (const BlockPtr& block : blocks_) {
    const std::uint32_t count = count_of(*block);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (block->offset_of(i) >= head_) return nullptr;
      if (const Start* start = block->start_of(i); start != nullptr && start->offset >= tail_) return start;
    }
  }
  return nullptr;
}

template <typename B>
auto ChainReader<B>::start_before(std::int64_t timestamp_ms) const -> const Start* {
  for (std::size_t block = blocks_.size(); block-- > 0;) {
    for (std::uint32_t i = count_of(*blocks_[block]); i-- > 0;) {
      const Start* start = blocks_[block]->start_of(i);
      if (start == nullptr || start->offset >= head_ || start->timestamp_ms > timestamp_ms) continue;
      return start->offset >= tail_ ? start : nullptr;
    }
  }
  return nullptr;
}

template <typename B>
std::size_t ChainReader<B>::block_at(Offset offset) const {
  const auto behind =
      std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                       [](Offset wanted, const BlockPtr& block) { return wanted < block->start; });
  return static_cast<std::size_t>(behind - blocks_.begin()) - 1;
}

template <typename B>
std::int64_t ChainReader<B>::timestamp_at(Offset offset) const {
  if (offset >= head_) return newest_ms_;
  const B& block = *blocks_[block_at(offset)];
  return block.timestamp_of(block.index_of(offset, count_of(block)));
}

template <typename B>
Offset ChainReader<B>::offset_since(std::int64_t timestamp_ms) const {
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const B& block = *blocks_[i];
    const std::uint32_t count = count_of(block);
    if (i > 0 && (count == 0 || block.timestamp_of(0) >= timestamp_ms)) continue;
    std::uint32_t first = 0;
    while (first < count && block.timestamp_of(first) < timestamp_ms) ++first;
    return first == count ? end_of(i) : std::min(block.offset_of(first), head_);
  }
  return head_;
}

}  // namespace srs::log
