// ThreadLoad: how busy a thread is.
//
// A thread that shares its core with others counts as busy, too, while it waits for its turn: from /proc,
// schedstat. Where the kernel does not tell, only the time in which it ran counts.
#pragma once

#include <chrono>

namespace srs::relay {

class ThreadLoad {
 public:
  // Of the calling thread, which also samples.
  ThreadLoad();
  ~ThreadLoad();
  ThreadLoad(const ThreadLoad&) = delete;
  ThreadLoad& operator=(const ThreadLoad&) = delete;

  // The share of the time since the last call in which it ran or wanted to: 0 to 1.
  double sample();
  // When that was.
  std::chrono::steady_clock::time_point sampled_at() const { return at_; }

 private:
  std::chrono::nanoseconds busy_time() const;

  const int schedstat_;  // -1: there is none
  std::chrono::nanoseconds busy_;
  std::chrono::steady_clock::time_point at_;
};

}  // namespace srs::relay
