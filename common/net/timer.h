// Timer: asio::steady_timer on a clock that tests can turn. Used like it.
#pragma once

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "core/clock.h"

namespace srs::net {

class Timer {
 public:
  // context: an io_context or an executor. The clock must outlive the timer.
  template <class Context>  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): there are no copies
  explicit Timer(Context&& context, const Clock& clock = system_clock())
      : clock_(clock), timer_(std::make_shared<Held>(std::forward<Context>(context))) {
    timer_->expires_at(Clock::TimePoint::max());
  }
  ~Timer() { timer_->cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  const Clock& clock() const { return clock_; }
  void expires_after(std::chrono::steady_clock::duration time) { expires_at(clock_.steady() + time); }
  // Ends what waits, with operation_aborted.
  void expires_at(Clock::TimePoint time) {
    timer_->woken = false;
    if (clock_.runs_by_itself()) {
      timer_->expires_at(time);
      return;
    }
    timer_->expires_at(Clock::TimePoint::max());
    timer_->alarm = std::make_shared<Alarm>(*timer_);
    clock_.wake_at(time, timer_->alarm);
  }
  void cancel() { timer_->cancel(); }

  template <class Token>
  auto async_wait(Token&& token) {
    return asio::async_initiate<Token, void(asio::error_code)>(
        [](auto handler, const std::shared_ptr<Held>& timer) {
          const auto executor = asio::get_associated_executor(handler, timer->get_executor());
          const auto slot = asio::get_associated_cancellation_slot(handler);
          auto done = [timer, handler = std::move(handler)](asio::error_code error) mutable {
            std::move(handler)(timer->woken ? asio::error_code() : error);
          };
          timer->async_wait(
              asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(done))));
        },
        token, timer_);
  }

 private:
  struct Held : asio::steady_timer {
    using asio::steady_timer::steady_timer;
    bool woken = false;                      // by a clock that is turned by hand
    std::shared_ptr<Clock::Waiter> alarm{};  // of the newest time; the clock wakes no other
  };
  struct Alarm : Clock::Waiter {
    explicit Alarm(Held& rung) : timer(rung) {}
    void wake() override {
      timer.woken = true;
      timer.cancel();
    }
    Held& timer;  // which owns this
  };

  const Clock& clock_;
  std::shared_ptr<Held> timer_;
};

}  // namespace srs::net
