// WakeList: the audiences that the threads of their streams ask a worker to serve.
//
// A linked list through the audiences themselves: adding one takes no lock and no memory, and an audience
// that is on the list already is not added again. The worker takes the whole list at once. Any thread adds,
// each audience from one; one thread takes.
#pragma once

#include <atomic>
#include <memory>

#include "srs-relay/streams/audience.h"

namespace srs::relay {

class WakeList {
 public:
  // True if the list was empty: the worker must be woken. The stream is kept until pop_all().
  bool add(std::shared_ptr<Stream> stream, Audience& audience) {
    // It is in the list already: the worker will see what is new when it pops it.
    if (audience.woken_.exchange(true, std::memory_order_acq_rel)) return false;
    audience.stream_ = std::move(stream);
    audience.next_woken_ = first_.load(std::memory_order_relaxed);
    while (!first_.compare_exchange_weak(audience.next_woken_, &audience, std::memory_order_acq_rel)) {
    }
    return audience.next_woken_ == nullptr;
  }

  // Calls `serve(stream, audience)` for each and empties the list.
  template <class Serve>
  void pop_all(Serve serve) {
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
