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

template <class T>
class Answer : public std::enable_shared_from_this<Answer<T>> {
 public:
  // asker: the executor of the coroutine that waits.
  explicit Answer(const asio::any_io_executor& asker) : come_(asker, asio::steady_timer::time_point::max()) {}

  // Any thread; the first one counts. Nobody may be waiting any more.
  void set(T value) {
    asio::post(come_.get_executor(), [self = this->shared_from_this(), value = std::move(value)]() mutable {
      if (!self->value_) self->value_.emplace(std::move(value));
      self->come_.cancel();
    });
  }

  // The asker, once. None: the wait was cancelled.
  asio::awaitable<std::optional<T>> wait() { return wait_until(asio::steady_timer::time_point::max()); }
  // None, too, if no answer has come by then.
  asio::awaitable<std::optional<T>> wait(std::chrono::milliseconds patience) {
    return wait_until(asio::steady_timer::clock_type::now() + patience);
  }

 private:
  asio::awaitable<std::optional<T>> wait_until(asio::steady_timer::time_point time) {
    const auto self = this->shared_from_this();
    asio::error_code cancelled;
    if (!value_) come_.expires_at(time);
    if (!value_) co_await come_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    co_return std::move(value_);
  }

  asio::steady_timer come_;  // cancelled when the answer is there
  std::optional<T> value_;
};

}  // namespace srs::net
