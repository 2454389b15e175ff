// ask(): runs `work` on another thread's io_context and returns its result to the coroutine.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "net/answer.h"

namespace srs::relay {

// None if no answer came in time. work: copied; what it refers to must live as long as the other io_context.
template <class T>
asio::awaitable<std::optional<T>> ask(asio::io_context& there, std::function<T()> work,
                                      std::chrono::milliseconds patience) {
  const auto answer = std::make_shared<net::Answer<T>>(co_await asio::this_coro::executor);
  asio::post(there, [answer, work = std::move(work)] { answer->set(work()); });
  co_return co_await answer->wait(patience);
}

}  // namespace srs::relay
