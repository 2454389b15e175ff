#include "srs-relay/publishers/publisher_homes.h"

#include <asio/post.hpp>
#include <functional>
#include <iterator>
#include <random>
#include <utility>

#include "net/spawn.h"
#include "srs-relay/workers/ask.h"

namespace srs::relay {

PublisherHomes::Home::Home(Hub& hub, gate::Gate& gate, Worker& at, const live::Publications::Options& options,
                           const std::shared_ptr<rtmp::MessageBudget>& budget, const cli::Log& log)
    : worker(at),
      streams(hub, at.io()),
      publications(at.io(), streams, options, log, at.clock()),
      publishers(publications, gate, budget, log, &at.pacer()) {}

PublisherHomes::PublisherHomes(Hub& hub, gate::Gate& gate,
                               const std::vector<std::unique_ptr<Worker>>& workers,
                               live::Publications::Options options,
                               const std::shared_ptr<rtmp::MessageBudget>& budget, const cli::Log& log)
    : hub_(hub), log_(log), salt_(std::to_string(std::random_device()())) {
  options.quota = std::make_shared<live::StreamQuota>(options.limits);
  for (const auto& worker : workers)
    homes_.push_back(std::make_unique<Home>(hub, gate, *worker, options, budget, log));
}

PublisherHomes::Home& PublisherHomes::home_of(const std::string& path) const {
  return *homes_[std::hash<std::string>()(salt_ + path) % homes_.size()];
}

// By way of the hub's thread, which knows whether another input has the path.
void PublisherHomes::adopt(const std::shared_ptr<rtmp::ServerSession>& session,
                           const rtmp::Request& request) {
  Home& home = home_of(request.path);
  session->move_to(home.worker.io().get_executor());
  asio::post(hub_.io(), [this, &home, session, request] {
    const bool has_room = hub_.has_room_for(request.path);
    asio::post(home.worker.io(), [this, &home, session, request, has_room] {
      net::spawn(home.worker.io().get_executor(),
                 has_room ? home.publishers.serve(session, request)
                          : home.publishers.refuse(session, request, "it comes from another input"),
                 "publisher", log_);
    });
  });
}

void PublisherHomes::drain() {
  for (const auto& home : homes_) asio::post(home->worker.io(), [&at = *home] { at.publications.drain(); });
}

void PublisherHomes::stop() {
  for (const auto& home : homes_) {
    asio::post(home->worker.io(), [&at = *home] {
      at.publications.stop();
      at.publishers.stop();
    });
  }
}

std::size_t PublisherHomes::sessions() const {
  std::size_t count = 0;
  for (const auto& home : homes_) count += home->publishers.sessions();
  return count;
}

asio::awaitable<std::vector<PublisherHomes::Client>> PublisherHomes::clients(
    std::chrono::milliseconds patience) const {
  std::vector<Client> all;
  for (const auto& home : homes_) {
    std::function<std::vector<Client>()> work = [&at = *home] { return at.publications.clients(); };
    auto clients = co_await ask(home->worker.io(), std::move(work), patience);
    if (clients)
      all.insert(all.end(), std::make_move_iterator(clients->begin()),
                 std::make_move_iterator(clients->end()));
  }
  co_return all;
}

asio::awaitable<bool> PublisherHomes::cut_off(std::uint64_t number, std::string why,
                                              std::chrono::milliseconds patience) const {
  for (const auto& home : homes_) {
    std::function<bool()> work = [&at = *home, number, why] { return at.publications.cut_off(number, why); };
    const auto found = co_await ask(home->worker.io(), std::move(work), patience);
    if (found.value_or(false)) co_return true;
  }
  co_return false;
}

}  // namespace srs::relay
