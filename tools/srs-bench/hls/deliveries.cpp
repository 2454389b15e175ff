#include "srs-bench/hls/deliveries.h"

#include <algorithm>

namespace srs::bench {

Deliveries::File& Deliveries::file_of(const std::string& uri, UtcMicroseconds arrival) {
  const auto [found, is_new] = files_.try_emplace(uri);
  if (is_new) {
    found->second.first = arrival;
    order_.push_back(uri);
  }
  while (order_.size() > files_max) {
    files_.erase(order_.front());
    order_.pop_front();
  }
  return found->second;
}

void Deliveries::add(const std::string& uri, UtcMicroseconds arrival, std::optional<UtcMicroseconds> newest,
                     bool measuring) {
  const std::lock_guard lock(mutex_);
  File& file = file_of(uri, arrival);
  if (measuring) {
    figures_.spread.add(arrival - std::min(arrival, file.first));
    file.waiting.push_back(arrival);
  }
  if (newest && !file.newest) file.newest = newest;
  if (!file.newest) return;
  for (const UtcMicroseconds one : file.waiting) figures_.delay.add(one - *file.newest);
  file.waiting.clear();
}

}  // namespace srs::bench
