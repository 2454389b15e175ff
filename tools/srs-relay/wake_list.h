// WakeList: the audiences that a worker has to serve, as the input's thread tells it.
//
// A linked list through the audiences themselves: adding one takes no lock and no memory, and an audience
// that is on the list already is not added again. The worker takes the whole list at once. One thread adds,
// one takes.
#pragma once

#include <atomic>
#include <memory>

#include "audience.h"

namespace srs::relay {

class WakeList {
 public:
  // True if the list was empty: the worker is to be woken. The stream is kept until it is taken.
  bool add(std::shared_ptr<Stream> stream, Audience& audience) {
    // Whoever set it before: the worker has not yet taken the audience, and will see what is new when it
    // does.
    if (audience.woken_.exchange(true, std::memory_order_acq_rel)) return false;
    audience.stream_ = std::move(stream);
    audience.next_woken_ = first_.load(std::memory_order_relaxed);
    while (!first_.compare_exchange_weak(audience.next_woken_, &audience, std::memory_order_acq_rel)) {
    }
    return audience.next_woken_ == nullptr;
  }

  // Calls `serve(stream, audience)` for each and empties the list.
  template <class Serve>
  void take(Serve serve) {
    Audience* audience = first_.exchange(nullptr, std::memory_order_acq_rel);
    while (audience != nullptr) {
      Audience* next = audience->next_woken_;
      const std::shared_ptr<Stream> stream = std::move(audience->stream_);
      audience->woken_.exchange(false, std::memory_order_acq_rel);
      serve(stream, *audience);
      audience = next;
    }
  }

 private:
  std::atomic<Audience*> first_{nullptr};
};

}  // namespace srs::relay
