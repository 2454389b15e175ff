// MessageBudget: what the RTMP connections of a process may hold together of messages that are not whole yet.
//
// A publisher may hold 32 MiB of them; a thousand publishers must not. The first bytes of each connection are
// free, so the frames of ordinary streams never come here. Beyond them a connection gets at most a quarter
// of what is left: the fuller the budget, the smaller the shares, and nobody takes it all from the others.
//
// Any thread; must outlive its shares, who hold it by a shared pointer.
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
  static constexpr std::size_t free_bytes = 1u << 20;  // of each connection

  explicit MessageBudget(std::size_t bytes = default_bytes) : bytes_(bytes) {}

  std::size_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  friend class BudgetShare;

  // `more` for who holds `held` already. Connections that ask at the same instant may exceed it by what
  // they ask for.
  bool take(std::size_t held, std::size_t more) {
    const std::size_t used = used_bytes();
    if (used >= bytes_ || held + more > (bytes_ - used) / 4) return false;
    used_.fetch_add(more, std::memory_order_relaxed);
    return true;
  }
  void give_back(std::size_t size) { used_.fetch_sub(size, std::memory_order_relaxed); }

  const std::size_t bytes_;
  std::atomic<std::size_t> used_{0};
};

// What one connection holds of the budget. Without a budget everything is allowed.
class BudgetShare {
 public:
  explicit BudgetShare(std::shared_ptr<MessageBudget> budget = nullptr) : budget_(std::move(budget)) {}
  BudgetShare(BudgetShare&& other) noexcept
      : budget_(std::move(other.budget_)), taken_(std::exchange(other.taken_, 0)) {}
  BudgetShare& operator=(BudgetShare&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(taken_, other.taken_);
    return *this;
  }
  ~BudgetShare() { resize(0); }

  // The connection holds so many bytes now. False, and nothing changed, if there is no room for them.
  bool resize(std::size_t held_bytes) {
    const std::size_t wanted = held_bytes - std::min(held_bytes, MessageBudget::free_bytes);
    if (!budget_ || wanted == taken_) return true;
    if (wanted > taken_ && !budget_->take(taken_, wanted - taken_)) return false;
    if (wanted < taken_) budget_->give_back(taken_ - wanted);
    taken_ = wanted;
    return true;
  }

 private:
  std::shared_ptr<MessageBudget> budget_;
  std::size_t taken_ = 0;
};

}  // namespace srs::rtmp
