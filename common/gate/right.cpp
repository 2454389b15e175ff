#include "gate/right.h"

#include <utility>

#include "gate/held_right.h"

namespace srs::gate {

Stay::~Stay() {
  const auto rights = list.lock();
  if (!rights) return;
  const std::lock_guard lock(rights->ending);
  if (rights->on_stay_ended) rights->on_stay_ended(*this);
}

Right::~Right() {
  if (!held_) return;
  held_->on_end = nullptr;
  const auto list = held_->list.lock();
  if (!list) return;
  const std::lock_guard lock(list->mutex);
  list->all.erase(held_);
}

Right& Right::operator=(Right&& other) noexcept {
  std::swap(held_, other.held_);
  return *this;
}

void Right::note_end(std::uint64_t bytes, std::string why) {
  auto* const stay = held_ ? static_cast<Stay*>(held_->grant.stay.get()) : nullptr;
  if (stay == nullptr) return;
  stay->bytes = bytes;
  if (stay->why.empty()) stay->why = std::move(why);
}

}  // namespace srs::gate
