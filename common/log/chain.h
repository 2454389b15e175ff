// Chain: the blocks of a log that one thread writes and any number of threads read, without a lock on the
// path of a frame.
//
// That works because each block owns the next: who holds a block holds everything that came after it, and
// sees it grow.
//
//     chain:    first ─────────────┐                        head (atomic)
//                                  v                          v
//     blocks:   [ gone ] -> [ block ] -> [ block ] -> [ block ]
//                  ^
//     reader:      └ a thread that is late still holds what it has not looked at
//
// The writer fills in what follows in the last block, then its count, then publishes the new head (release);
// a reader takes in the head (acquire) and may look at everything before it. Evicting moves the tail and
// lets go of the first blocks; they live on for as long as a reader holds them.
//
// What an offset counts is the log's affair: bytes, messages or packets since the start of the stream.
// Offsets never repeat.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace srs::log {

using Offset = std::uint64_t;

// What every kind of block has. B, the block, adds what it holds and says of its entry `index` (< count):
//   Offset offset_of(std::uint32_t index) const
//   std::int64_t timestamp_of(std::uint32_t index) const    decoding time, ms
//   const Start* start_of(std::uint32_t index) const        if playing can begin there, else null
// and of an offset in it which entry that lies in:
//   std::uint32_t index_of(Offset offset, std::uint32_t count) const
// S has a member `offset`: where it is.
template <typename B, typename S>
struct ChainBlock {
  using Start = S;

  explicit ChainBlock(Offset start_offset) : start(start_offset) {}
  ChainBlock(const ChainBlock&) = delete;
  ChainBlock& operator=(const ChainBlock&) = delete;

  const Offset start;
  std::atomic<std::uint32_t> count{0};  // entries that are there; what they hold never changes
  // Set once the block is full; next_owner is set before and not changed after.
  std::atomic<B*> next{nullptr};
  std::shared_ptr<B> next_owner;
};

// Lets go of a block and what only it holds, one by one: a long chain would go one destructor inside the
// other.
template <typename B>
void let_go(std::shared_ptr<B> block) {
  while (block && block->next.load(std::memory_order_acquire) != nullptr)
    block = std::shared_ptr<B>(block->next_owner);
}

template <typename B>
class Chain {
 public:
  // first: an empty block. Offsets count on from where that starts.
  explicit Chain(std::shared_ptr<B> first)
      : first_(std::move(first)), last_(first_), tail_(first_->start), head_(first_->start) {}
  ~Chain() {
    last_.reset();
    let_go(std::move(first_));
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  // Any thread.
  Offset tail() const { return tail_.load(std::memory_order_acquire); }
  Offset head() const { return head_.load(std::memory_order_acquire); }
  // Where a new reader begins: the block of the tail, or one before it.
  std::shared_ptr<B> first() const {
    const std::lock_guard lock(first_mutex_);
    return first_;
  }

  // The writer's thread.
  B& last() { return *last_; }
  // The last block is full; it begins where that one ends, at head().
  B& extend(std::shared_ptr<B> block) {
    last_->next_owner = std::move(block);
    B* const fresh = last_->next_owner.get();
    last_->next.store(fresh, std::memory_order_release);
    last_ = last_->next_owner;
    return *fresh;
  }
  // Everything before this offset can be seen from now on.
  void publish(Offset head) { head_.store(head, std::memory_order_release); }
  // Lets go of entries from the tail on for as long as is_gone(block, index) is true; it is asked once for
  // each that goes, and once for one that stays. Returns whether any went.
  template <typename IsGone>
  bool evict_while(IsGone is_gone);
  // Puts the blocks of `others`, which hold the entries from tail() to head() once more, in place of its own.
  // Who begins to read gets those. Who is reading keeps the old ones and comes to `next` through them, an
  // empty block that starts at head(), where both go on.
  void replace(Chain& others, std::shared_ptr<B> next) {
    others.extend(next);
    extend(std::move(next));
    tail_index_ = 0;
    const std::lock_guard lock(first_mutex_);
    first_.swap(others.first_);
  }

 private:
  void move_tail(Offset offset);

  mutable std::mutex first_mutex_;  // of first_: taken to begin reading, and when a block goes
  std::shared_ptr<B> first_;
  std::shared_ptr<B> last_;
  std::uint32_t tail_index_ = 0;  // in first_: the entries before it are evicted
  std::atomic<Offset> tail_;
  std::atomic<Offset> head_;
};

template <typename B>
void Chain<B>::move_tail(Offset offset) {
  tail_.store(offset, std::memory_order_release);
  for (;;) {
    const B* next = first_->next.load(std::memory_order_relaxed);
    if (next == nullptr || next->start > offset) return;
    tail_index_ = 0;
    std::shared_ptr<B> gone = first_;  // freed, if it is, when the lock is given back
    const std::lock_guard lock(first_mutex_);
    first_ = gone->next_owner;
  }
}

template <typename B>
template <typename IsGone>
bool Chain<B>::evict_while(IsGone is_gone) {
  const Offset before = tail_.load(std::memory_order_relaxed);
  for (bool more = true; more;) {
    const B& block = *first_;
    const std::uint32_t count = block.count.load(std::memory_order_relaxed);
    while (tail_index_ < count && is_gone(block, tail_index_)) ++tail_index_;
    const B* next = block.next.load(std::memory_order_relaxed);
    more = tail_index_ == count && next != nullptr;
    if (tail_index_ < count)
      move_tail(block.offset_of(tail_index_));
    else
      move_tail(more ? next->start : head_.load(std::memory_order_relaxed));
  }
  return tail_.load(std::memory_order_relaxed) != before;
}

}  // namespace srs::log
