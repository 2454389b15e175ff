#include "gate/right.h"

#include <utility>

namespace srs::gate {

Right::~Right() {
  if (!held_) return;
  held_->on_end = nullptr;
  const auto list = held_->list.lock();
  if (!list) return;
  const std::lock_guard lock(list->mutex);
  list->all.erase(held_);
  if (list->on_given_back) list->on_given_back(*held_);
}

Right& Right::operator=(Right&& other) noexcept {
  std::swap(held_, other.held_);
  return *this;
}

void Right::note_end(std::uint64_t bytes, std::string why) {
  if (!held_) return;
  held_->bytes = bytes;
  if (held_->why.empty()) held_->why = std::move(why);
}

}  // namespace srs::gate
