// MessageBudget: the most bytes of unfinished messages that all RTMP connections of a process may hold
// together.
//
// One publisher may hold 32 MiB; a thousand publishers must not hold that much each. Each connection's first
// free_bytes are not counted, so the frames of ordinary streams never need the budget. Beyond them a
// connection gets at most a quarter of what is left: the fuller the budget, the smaller the shares, and no
// connection starves the others.
//
// Any thread. Its shares keep it alive.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace srs::rtmp {

class MessageBudget {
 public:
  static constexpr std::size_t default_bytes = 256u << 20;
  static constexpr std::size_t free_bytes = 1u << 20;  // per connection

  explicit MessageBudget(std::size_t bytes = default_bytes) : bytes_(bytes) {}

  std::size_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  friend class BudgetShare;

  // `more` bytes for a connection that holds `held` already. Concurrent calls may exceed the budget by what
  // they ask for.
  bool reserve(std::size_t held, std::size_t more) {
    const std::size_t used = used_bytes();
    if (used >= bytes_ || held + more > (bytes_ - used) / 4) return false;
    used_.fetch_add(more, std::memory_order_relaxed);
    return true;
  }
  void release(std::size_t size) { used_.fetch_sub(size, std::memory_order_relaxed); }

  const std::size_t bytes_;
  std::atomic<std::size_t> used_{0};
};

// One connection's share of the budget. Without a budget everything is allowed.
class BudgetShare {
 public:
  explicit BudgetShare(std::shared_ptr<MessageBudget> budget = nullptr) : budget_(std::move(budget)) {}
  BudgetShare(BudgetShare&& other) noexcept
      : budget_(std::move(other.budget_)), reserved_(std::exchange(other.reserved_, 0)) {}
  BudgetShare& operator=(BudgetShare&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(reserved_, other.reserved_);
    return *this;
  }
  ~BudgetShare() { resize(0); }

  // Sets the bytes that the connection holds. False, with nothing changed, if the budget has no room.
  bool resize(std::size_t held_bytes) {
    const std::size_t wanted = held_bytes - std::min(held_bytes, MessageBudget::free_bytes);
    if (!budget_ || wanted == reserved_) return true;
    if (wanted > reserved_ && !budget_->reserve(reserved_, wanted - reserved_)) return false;
    if (wanted < reserved_) budget_->release(reserved_ - wanted);
    reserved_ = wanted;
    return true;
  }

 private:
  std::shared_ptr<MessageBudget> budget_;
  std::size_t reserved_ = 0;
};

}  // namespace srs::rtmp
