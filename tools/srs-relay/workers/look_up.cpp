#include "srs-relay/workers/look_up.h"

#include <asio/post.hpp>
#include <asio/this_coro.hpp>

#include "net/answer.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

asio::awaitable<Hub::Found> look_up(const Worker& worker, Hub& hub, Wanted wanted,
                                    const log::WireEncoder& encoder) {
  if (!hub.asks_for_each())
    if (auto known = worker.known(wanted.path, encoder)) co_return *std::move(known);
  const auto answer = std::make_shared<net::Answer<Hub::Found>>(co_await asio::this_coro::executor);
  asio::post(hub.io(), [&hub, wanted, &encoder, answer] {
    hub.find(wanted, encoder, [answer](Hub::Found found) { answer->set(std::move(found)); });
  });
  auto found = co_await answer->wait();
  co_return found ? *std::move(found) : Hub::Found{};
}

}  // namespace srs::relay
