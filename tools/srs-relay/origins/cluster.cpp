#include "srs-relay/origins/cluster.h"

#include "net/answer.h"

namespace srs::relay {
namespace {

// How long the health of an origin is remembered after the last look-up that named it.
constexpr std::chrono::seconds memory{60};
// The limit: a hostile registry may name others in each answer.
constexpr std::size_t most_known = 1024;

}  // namespace

Cluster::Cluster(asio::io_context& io, const Clock& clock, registry::Registry::Options options,
                 bool pulled_too, Balance balance, Hub& hub, const cli::Log& log)
    : io_(io), clock_(clock), registry_(io, std::move(options), log), balancer_(balance), log_(log) {
  hub.on_playable.push_back([this, &hub, pulled_too](const std::shared_ptr<Stream>& stream) {
    if (pulled_too || !hub.is_pulled(stream->path())) registry_.announce(stream->path());
  });
  hub.on_ended.push_back(
      [this](const std::shared_ptr<Stream>& stream) { registry_.withdraw(stream->path()); });
}

asio::awaitable<std::vector<OriginPtr>> Cluster::origins_of(std::string path,
                                                            std::optional<std::string_view> protocol) {
  const auto answer = std::make_shared<net::Answer<std::vector<registry::Holder>>>(io_.get_executor());
  registry_.find(path, [answer](std::vector<registry::Holder> found) { answer->set(std::move(found)); });
  const auto holders = co_await answer->wait();
  if (!holders) co_return std::vector<OriginPtr>();

  forget_old();
  std::vector<OriginPtr> origins;
  std::vector<Candidate> candidates;
  for (const registry::Holder& holder : *holders) {
    const OriginPtr origin = origin_at(holder, protocol);
    if (!origin) continue;
    origins.push_back(origin);
    candidates.push_back(
        {origin->name(), origin->spec.weight, static_cast<double>(origin->pulls), origin->spec.priority});
  }
  std::vector<OriginPtr> ordered;
  for (const std::size_t index : balancer_.order(candidates, path)) ordered.push_back(origins[index]);
  co_return ordered;
}

// Null if none of its URLs can be used.
OriginPtr Cluster::origin_at(const registry::Holder& holder, std::optional<std::string_view> protocol) {
  for (const std::string& url : holder.urls) {
    auto spec = parse_origin(url);
    if (!spec) {
      log_.debug("registry: node {}: {}", cli::printable(holder.node), spec.error().message);
      continue;
    }
    // Registry entries are untrusted.
    if (spec->is_srv() || spec->url.port == 0) continue;
    if (protocol && spec->protocol().scheme != *protocol) continue;
    const auto known = known_.find(spec->key());
    const OriginPtr origin = known != known_.end() ? known->second : std::make_shared<Origin>();
    if (known == known_.end() && known_.size() < most_known) known_.emplace(spec->key(), origin);
    origin->spec = *std::move(spec);
    origin->found_until = clock_.steady() + memory;
    return origin;
  }
  return nullptr;
}

std::vector<OriginState> Cluster::states() const {
  std::vector<OriginState> states;
  for (const auto& [name, origin] : known_)
    if (origin->found_until >= clock_.steady()) states.push_back(origin->state());
  return states;
}

void Cluster::forget_old() {
  std::erase_if(known_,
                [now = clock_.steady()](const auto& entry) { return entry.second->found_until < now; });
}

}  // namespace srs::relay
