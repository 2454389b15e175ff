// Answer: what a coroutine asks of another thread, or of somebody who answers later.
//
//     const auto answer = std::make_shared<Answer<Stream>>(co_await asio::this_coro::executor);
//     asio::post(other_io, [answer] { answer->set(find_stream()); });
//     const std::optional<Stream> found = co_await answer->wait();
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace srs::net {

// Whoever answers may be the last to let go of it, on another thread and after the asker's io_context is
// gone: so the timer that waits is the asker's own.
template <class T>
class Answer : public std::enable_shared_from_this<Answer<T>> {
 public:
  // asker: the executor of the coroutine that waits.
  explicit Answer(asio::any_io_executor asker) : asker_(std::move(asker)) {}

  // Any thread; the first one counts. Nobody may be waiting any more.
  void set(T value) {
    asio::post(asker_, [self = this->shared_from_this(), value = std::move(value)]() mutable {
      if (!self->value_) self->value_.emplace(std::move(value));
      if (self->waits_ != nullptr) self->waits_->cancel();
    });
  }

  // The asker, once. None: the wait was cancelled.
  asio::awaitable<std::optional<T>> wait() { return wait_until(asio::steady_timer::time_point::max()); }
  // None, too, if no answer has come by then.
  asio::awaitable<std::optional<T>> wait(std::chrono::milliseconds patience) {
    return wait_until(asio::steady_timer::clock_type::now() + patience);
  }

 private:
  // The timer of the wait, for as long as it lasts.
  class Waiting {
   public:
    Waiting(Answer& answer, asio::steady_timer& timer) : answer_(answer) { answer_.waits_ = &timer; }
    ~Waiting() { answer_.waits_ = nullptr; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Answer& answer_;
  };

  asio::awaitable<std::optional<T>> wait_until(asio::steady_timer::time_point time) {
    const auto self = this->shared_from_this();
    if (!value_) {
      asio::steady_timer come(asker_, time);
      const Waiting waiting(*this, come);
      asio::error_code cancelled;
      co_await come.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    co_return std::move(value_);
  }

  const asio::any_io_executor asker_;
  asio::steady_timer* waits_ = nullptr;  // cancelled when the answer is there; null: nobody waits
  std::optional<T> value_;
};

}  // namespace srs::net
