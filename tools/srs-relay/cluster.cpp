#include "cluster.h"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace srs::relay {
namespace {

// So long the health of an origin is remembered that no look-up gave any more.
constexpr std::chrono::seconds memory{60};
// And so many. A registry that lies may name others in each answer.
constexpr std::size_t most_known = 1024;

struct Answer {
  explicit Answer(asio::io_context& io) : come(io, asio::steady_timer::time_point::max()) {}

  asio::steady_timer come;  // cancelled when the answer is there
  std::vector<registry::Holder> holders;
};

}  // namespace

Cluster::Cluster(asio::io_context& io, registry::Registry::Options options, bool pulled_too, Balance balance,
                 Hub& hub, const cli::Log& log)
    : io_(io), registry_(io, std::move(options), log), balancer_(balance), log_(log) {
  hub.on_playable.push_back([this, &hub, pulled_too](const std::shared_ptr<Stream>& stream) {
    if (pulled_too || !hub.is_pulled(stream->path())) registry_.announce(stream->path());
  });
  hub.on_ended.push_back(
      [this](const std::shared_ptr<Stream>& stream) { registry_.withdraw(stream->path()); });
}

asio::awaitable<std::vector<OriginPtr>> Cluster::origins_of(std::string path, std::optional<bool> over_http) {
  const auto answer = std::make_shared<Answer>(io_);
  registry_.find(path, [answer](std::vector<registry::Holder> holders) {
    answer->holders = std::move(holders);
    answer->come.cancel();
  });
  asio::error_code cancelled;
  co_await answer->come.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));

  forget_old();
  std::vector<OriginPtr> origins;
  std::vector<Candidate> candidates;
  for (const registry::Holder& holder : answer->holders) {
    const OriginPtr origin = origin_at(holder, over_http);
    if (!origin) continue;
    origins.push_back(origin);
    candidates.push_back(
        {origin->name(), origin->spec.weight, static_cast<double>(origin->pulls), origin->spec.priority});
  }
  std::vector<OriginPtr> ordered;
  for (const std::size_t index : balancer_.order(candidates, path)) ordered.push_back(origins[index]);
  co_return ordered;
}

// Null if none of its URLs is of use to us.
OriginPtr Cluster::origin_at(const registry::Holder& holder, std::optional<bool> over_http) {
  for (const std::string& url : holder.urls) {
    auto spec = parse_origin(url);
    if (!spec) {
      log_.debug("registry: node {}: {}", cli::printable(holder.node), spec.error().message);
      continue;
    }
    // Who can write to the registry can write anything.
    if (spec->is_srv() || spec->url.port == 0) continue;
    if (over_http && spec->is_http() != *over_http) continue;
    const auto known = known_.find(spec->key());
    const OriginPtr origin = known != known_.end() ? known->second : std::make_shared<Origin>();
    if (known == known_.end() && known_.size() < most_known) known_.emplace(spec->key(), origin);
    origin->spec = *std::move(spec);
    origin->found_until = Origin::Clock::now() + memory;
    return origin;
  }
  return nullptr;
}

std::vector<OriginState> Cluster::states() const {
  std::vector<OriginState> states;
  for (const auto& [name, origin] : known_)
    if (origin->found_until >= Origin::Clock::now()) states.push_back(origin->state());
  return states;
}

void Cluster::forget_old() {
  std::erase_if(known_,
                [now = Origin::Clock::now()](const auto& entry) { return entry.second->found_until < now; });
}

}  // namespace srs::relay
