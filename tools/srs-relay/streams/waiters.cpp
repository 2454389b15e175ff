#include "srs-relay/streams/waiters.h"

#include <algorithm>
#include <iterator>

namespace srs::relay {

bool Waiters::add(const Wanted& wanted, std::chrono::milliseconds time, std::function<void()> done) {
  if (size_ >= most) return false;
  const Place place = by_path_.try_emplace(wanted.path).first;
  place->second.emplace_back(io_, clock_, wanted, std::move(done));
  ++size_;
  const auto waiter = std::prev(place->second.end());
  waiter->timer.expires_after(time);
  waiter->timer.async_wait([this, place, waiter](const asio::error_code&) { end(place, waiter); });
  return true;
}

// The map entry exists as long as somebody waits in it.
void Waiters::end(Place place, std::list<Waiter>::iterator waiter) {
  const auto done = std::move(waiter->done);
  place->second.erase(waiter);
  if (place->second.empty()) by_path_.erase(place);
  --size_;
  done();
}

void Waiters::wake_all() {
  for (auto& [path, waiters] : by_path_)
    for (Waiter& waiter : waiters) waiter.wake();
}

template <class Which>
bool Waiters::any_of(const std::string& path, Which which) const {
  const auto found = by_path_.find(path);
  return found != by_path_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const Waiter& waiter) { return !waiter.woken && which(waiter); });
}

bool Waiters::any(const std::string& path) const {
  return any_of(path, [](const Waiter&) { return true; });
}

bool Waiters::any(const std::string& path, const std::string& permit) const {
  return any_of(path, [&](const Waiter& waiter) { return waiter.wanted.permit == permit; });
}

}  // namespace srs::relay
