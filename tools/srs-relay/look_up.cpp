#include "look_up.h"

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "worker.h"

namespace srs::relay {
namespace {

struct Answer {
  explicit Answer(const asio::any_io_executor& asker) : come(asker, asio::steady_timer::time_point::max()) {}

  asio::steady_timer come;  // cancelled when the answer is there
  Hub::Found found;
};

// On the hub's thread.
void ask(Hub& hub, const Wanted& wanted, const media::WireEncoder& encoder, std::shared_ptr<Answer> answer) {
  hub.find(wanted, encoder, [answer = std::move(answer)](Hub::Found found) {
    asio::post(answer->come.get_executor(), [answer, found = std::move(found)]() mutable {
      answer->found = std::move(found);
      answer->come.cancel();
    });
  });
}

}  // namespace

asio::awaitable<Hub::Found> look_up(const Worker& worker, Hub& hub, Wanted wanted,
                                    const media::WireEncoder& encoder) {
  if (!hub.asks_for_each())
    if (auto known = worker.known(wanted.path, encoder)) co_return *std::move(known);
  auto answer = std::make_shared<Answer>(co_await asio::this_coro::executor);
  asio::post(hub.io(), [&hub, wanted, &encoder, answer] { ask(hub, wanted, encoder, answer); });
  asio::error_code cancelled;
  co_await answer->come.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_return std::move(answer->found);
}

}  // namespace srs::relay
