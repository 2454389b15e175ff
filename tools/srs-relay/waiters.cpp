#include "waiters.h"

#include <algorithm>
#include <iterator>

namespace srs::relay {

bool Waiters::add(const Wanted& wanted, std::chrono::milliseconds time, std::function<void()> done) {
  if (size_ >= most) return false;
  const Place place = by_path_.try_emplace(wanted.path).first;
  place->second.push_back(
      {wanted, Clock::now() + wanted.patience, asio::steady_timer(io_, time), std::move(done)});
  ++size_;
  const auto waiter = std::prev(place->second.end());
  waiter->timer.async_wait([this, place, waiter](const asio::error_code&) { end(place, waiter); });
  return true;
}

// The place is there as long as somebody waits in it.
void Waiters::end(Place place, std::list<Waiter>::iterator waiter) {
  const auto done = std::move(waiter->done);
  place->second.erase(waiter);
  if (place->second.empty()) by_path_.erase(place);
  --size_;
  done();
}

void Waiters::wake_all() {
  for (auto& [path, waiters] : by_path_)
    for (Waiter& waiter : waiters) waiter.timer.cancel();
}

bool Waiters::any(const std::string& path, const std::string& permit) const {
  const auto found = by_path_.find(path);
  return found != by_path_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const Waiter& waiter) { return waiter.wanted.permit == permit; });
}

}  // namespace srs::relay
