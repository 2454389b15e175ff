// EventLoop: epoll and timers for very many connections in one thread; no allocation per event.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace srs::bench {

using Clock = std::chrono::steady_clock;

// Has a descriptor and one timer. It must outlive the loop.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  // Ready to read or write (EPOLLIN, EPOLLOUT, ...).
  virtual void on_ready(std::uint32_t events, Clock::time_point now) = 0;
  virtual void on_timer(Clock::time_point now) = 0;

 private:
  friend class EventLoop;
  Clock::time_point due_ = Clock::time_point::max();
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void add(int fd, EventHandler& handler, std::uint32_t events);
  void modify(int fd, EventHandler& handler, std::uint32_t events);
  // Closing the descriptor removes it.

  // Replaces the handler's timer.
  void set_timer(EventHandler& handler, Clock::time_point due);
  void clear_timer(EventHandler& handler);

  // Waits for events for at most `patience`, and handles all that are ready or due.
  void run_once(std::chrono::milliseconds patience);

 private:
  struct Timer {
    Clock::time_point due;
    EventHandler* handler;
    bool operator>(const Timer& other) const { return due > other.due; }
  };

  int timeout_ms(std::chrono::milliseconds patience);
  void run_timers(Clock::time_point now);

  int epoll_;
  // Replaced timers stay in the queue and are skipped.
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace srs::bench
