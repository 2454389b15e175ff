#include "net/resolver.h"

#include <asio/executor_work_guard.hpp>
#include <asio/ip/address.hpp>
#include <asio/post.hpp>
#include <csignal>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "net/url_display.h"

namespace srs::net {
namespace {

constexpr unsigned most_threads = 4;

Result<std::vector<Address>> look_up(const Url& url) {
  if (is_service_url(url)) return look_up_services(url.host);
  return look_up_host(url.host, url.port);
}

}  // namespace

// Shared by the Resolver and its threads.
struct Resolver::Queue {
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;

  struct Question {
    std::uint64_t id = 0;
    Url url;
  };
  struct Asker {
    Done done;
    Guard guard;
  };

  explicit Queue(asio::io_context& context) : io(&context) {}

  // The io_context's thread only: the thread that looks up knows an asker by its number.
  std::map<std::uint64_t, Asker> askers;
  std::uint64_t last_id = 0;

  std::mutex mutex;
  // Under the mutex.
  asio::io_context* io;  // null once the Resolver is gone: it may be gone, too
  std::deque<Question> questions;
  unsigned threads = 0;

  void answer(std::uint64_t id, Result<std::vector<Address>> result) {
    const auto found = askers.find(id);
    if (found == askers.end()) return;
    const Asker asker = std::move(found->second);
    askers.erase(found);
    asker.done(std::move(result));
  }
};

Resolver::Resolver(asio::io_context& io) : queue_(std::make_shared<Queue>(io)) {}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->io = nullptr;
    queue_->questions.clear();
  }
  queue_->askers.clear();
}

void Resolver::resolve(const Url& url, Done done) {
  const std::uint64_t id = ++queue_->last_id;
  queue_->askers.emplace(id, Queue::Asker{std::move(done), Queue::Guard(queue_->io->get_executor())});
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
  queue_->questions.push_back({id, url});
  if (queue_->threads == most_threads) return;
  std::thread(&Resolver::run, queue_).detach();
  ++queue_->threads;
}

void Resolver::run(std::shared_ptr<Queue> queue) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the threads that know what to do with them
  std::unique_lock lock(queue->mutex);
  while (!queue->questions.empty()) {
    const Queue::Question question = std::move(queue->questions.front());
    queue->questions.pop_front();
    lock.unlock();
    auto result = look_up(question.url);
    lock.lock();
    // Posted under the lock: while it is held the Resolver, and so the io_context, stays.
    if (queue->io)
      asio::post(*queue->io, [queue, id = question.id, result = std::move(result)]() mutable {
        queue->answer(id, std::move(result));
      });
  }
  --queue->threads;
}

bool is_service_url(const Url& url) {
  return url.scheme.ends_with("+srv");
}

}  // namespace srs::net
