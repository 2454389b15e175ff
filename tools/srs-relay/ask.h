// Asking another thread: `work` runs on its io_context, and what it returns comes back to the coroutine.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace srs::relay {

// None if no answer came in time. work: copied; what it refers to must live as long as the other io_context.
template <class T>
asio::awaitable<std::optional<T>> ask(asio::io_context& there, std::function<T()> work,
                                      std::chrono::milliseconds patience) {
  struct Answer {
    explicit Answer(const asio::any_io_executor& executor) : come(executor) {}
    asio::steady_timer come;  // cancelled when it is there
    std::optional<T> value;
  };
  const auto executor = co_await asio::this_coro::executor;
  const auto answer = std::make_shared<Answer>(executor);
  answer->come.expires_after(patience);
  asio::post(there, [answer, executor, work = std::move(work)] {
    auto value = std::make_shared<T>(work());
    asio::post(executor, [answer, value] {
      answer->value = std::move(*value);
      answer->come.cancel();
    });
  });
  asio::error_code cancelled;
  co_await answer->come.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_return std::move(answer->value);
}

}  // namespace srs::relay
