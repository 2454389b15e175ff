#include "gate/guesses.h"

#include <algorithm>

#include "net/admission.h"

namespace srs::gate {

Guesses::Count Guesses::forgiven(Count count, Clock::TimePoint now) {
  const auto periods = (now - count.since) / period;
  if (periods <= 0) return count;
  count.wrong -= static_cast<unsigned>(std::min<std::int64_t>(periods, count.wrong));
  count.since += periods * period;
  return count;
}

std::chrono::milliseconds Guesses::delay(const asio::ip::address& address, Clock::TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(net::address_key(address));
  if (found == counts_.end()) return {};
  Count& count = found->second;
  count = forgiven(count, now);
  if (count.wrong <= free_guesses) return {};
  const unsigned doublings = std::min(count.wrong - free_guesses - 1, 4U);
  return std::min<std::chrono::milliseconds>(first_delay * (1 << doublings), longest_delay);
}

void Guesses::wrong(const asio::ip::address& address, Clock::TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (counts_.size() >= addresses_max)
    std::erase_if(counts_, [&](const auto& one) { return forgiven(one.second, now).wrong == 0; });
  if (counts_.size() >= addresses_max)
    std::erase_if(counts_, [](const auto& one) { return one.second.wrong <= free_guesses; });
  if (counts_.size() >= addresses_max) counts_.clear();  // a crowd like that has other addresses, too
  Count& count = counts_[net::address_key(address)];
  count = forgiven(count, now);
  if (count.wrong == 0) count.since = now;
  count.wrong = std::min(count.wrong + 1, 100U);
}

std::size_t Guesses::size() const {
  const std::lock_guard lock(mutex_);
  return counts_.size();
}

}  // namespace srs::gate
