#include "srs-bench/loop/event_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace srs::bench {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

EventLoop::~EventLoop() {
  ::close(epoll_);
}

void EventLoop::add(int fd, EventHandler& handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void EventLoop::modify(int fd, EventHandler& handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void EventLoop::set_timer(EventHandler& handler, Clock::time_point due) {
  handler.due_ = due;
  timers_.push({due, &handler});
}

void EventLoop::clear_timer(EventHandler& handler) {
  handler.due_ = Clock::time_point::max();
}

int EventLoop::timeout_ms(std::chrono::milliseconds patience) {
  while (!timers_.empty() && timers_.top().handler->due_ != timers_.top().due) timers_.pop();
  if (timers_.empty()) return static_cast<int>(patience.count());
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(timers_.top().due - Clock::now());
  return static_cast<int>(std::clamp(wait, std::chrono::milliseconds(0), patience).count());
}

void EventLoop::run_once(std::chrono::milliseconds patience) {
  epoll_event events[256];
  const int count = ::epoll_wait(epoll_, events, std::size(events), timeout_ms(patience));
  const auto now = Clock::now();
  for (int i = 0; i < count; ++i)
    static_cast<EventHandler*>(events[i].data.ptr)->on_ready(events[i].events, now);
  run_timers(Clock::now());
}

void EventLoop::run_timers(Clock::time_point now) {
  while (!timers_.empty() && timers_.top().due <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    if (timer.handler->due_ != timer.due) continue;
    timer.handler->due_ = Clock::time_point::max();
    timer.handler->on_timer(now);
  }
}

}  // namespace srs::bench
