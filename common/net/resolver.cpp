#include "net/resolver.h"

#include <asio/executor_work_guard.hpp>
#include <asio/ip/address.hpp>
#include <asio/post.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "core/block_signals.h"
#include "net/url_display.h"

namespace srs::net {
namespace {

constexpr unsigned max_threads = 4;

Result<std::vector<Address>> look_up(const Url& url) {
  if (is_service_url(url)) return look_up_services(url.host);
  return look_up_host(url.host, url.port);
}

}  // namespace

// Shared by the Resolver and its threads.
struct Resolver::Queue {
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;

  struct Lookup {
    std::uint64_t id = 0;
    Url url;
  };
  struct Request {
    Done done;
    Guard guard;
  };

  explicit Queue(asio::io_context& context) : io(&context) {}

  // The io_context's thread only: look-up threads know a request by its id.
  std::map<std::uint64_t, Request> requests;
  std::uint64_t last_id = 0;

  std::mutex mutex;
  // Under the mutex.
  asio::io_context* io;  // null once the Resolver is gone, since it may be gone, too
  std::deque<Lookup> lookups;
  unsigned threads = 0;

  void answer(std::uint64_t id, Result<std::vector<Address>> result) {
    const auto found = requests.find(id);
    if (found == requests.end()) return;
    const Request request = std::move(found->second);
    requests.erase(found);
    request.done(std::move(result));
  }
};

Resolver::Resolver(asio::io_context& io) : queue_(std::make_shared<Queue>(io)) {}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->io = nullptr;
    queue_->lookups.clear();
  }
  queue_->requests.clear();
}

void Resolver::resolve(const Url& url, Done done) {
  const std::uint64_t id = ++queue_->last_id;
  queue_->requests.emplace(id, Queue::Request{std::move(done), Queue::Guard(queue_->io->get_executor())});
  const auto reply = [this, id](Result<std::vector<Address>> result) {
    asio::post(*queue_->io, [queue = queue_, id, result = std::move(result)]() mutable {
      queue->answer(id, std::move(result));
    });
  };
  if (url.host.empty()) return reply(Error{Errc::usage, "'" + display_url(url) + "' names no host"});
  asio::error_code not_literal;
  const auto address = asio::ip::make_address(url.host, not_literal);
  if (!not_literal) return reply(std::vector{Address{address.to_string(), url.port}});

  const std::lock_guard lock(queue_->mutex);
  queue_->lookups.push_back({id, url});
  if (queue_->threads == max_threads) return;
  std::thread(&Resolver::run, queue_).detach();
  ++queue_->threads;
}

void Resolver::run(std::shared_ptr<Queue> queue) {
  block_signals();
  std::unique_lock lock(queue->mutex);
  while (!queue->lookups.empty()) {
    const Queue::Lookup lookup = std::move(queue->lookups.front());
    queue->lookups.pop_front();
    lock.unlock();
    auto result = look_up(lookup.url);
    lock.lock();
    // Posted under the lock, which keeps the Resolver, and so the io_context, alive.
    if (queue->io)
      asio::post(*queue->io, [queue, id = lookup.id, result = std::move(result)]() mutable {
        queue->answer(id, std::move(result));
      });
  }
  --queue->threads;
}

bool is_service_url(const Url& url) {
  return url.scheme.ends_with("+srv");
}

}  // namespace srs::net
