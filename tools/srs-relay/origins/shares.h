// Shares: limits how many of something exist at once, in total and per address. One thread; must outlive
// its shares.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace srs::relay {

class Shares {
 public:
  // One share, held until it is destroyed.
  class Share {
   public:
    Share(Share&& other) noexcept : shares_(std::exchange(other.shares_, nullptr)), at_(other.at_) {}
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (shares_ != nullptr) shares_->give_back(at_);
    }

   private:
    friend class Shares;
    using At = std::map<std::string, std::size_t>::iterator;
    Share(Shares& shares, At at) : shares_(&shares), at_(at) {}
    Shares* shares_;
    At at_;
  };

  Shares(std::size_t most, std::size_t most_of_one) : most_(most), most_of_one_(most_of_one) {}

  // None if the total or this address's limit is reached.
  std::optional<Share> acquire(const std::string& address) {
    if (taken_ >= most_) return std::nullopt;
    const auto at = by_address_.try_emplace(address).first;
    if (at->second >= most_of_one_) return std::nullopt;
    ++at->second;
    ++taken_;
    return Share(*this, at);
  }
  std::size_t taken() const { return taken_; }

 private:
  void give_back(Share::At at) {
    --taken_;
    if (--at->second == 0) by_address_.erase(at);
  }

  const std::size_t most_, most_of_one_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> by_address_;
};

}  // namespace srs::relay
