// Cluster: what this relay announces in the registry, and the origins that it finds there.
//
// Streams that are published here are announced while they can be played. The origins of a stream that is
// not here are the nodes that announce it; their health is tracked like that of configured origins.
//
// Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "srs-relay/origins/balance.h"
#include "srs-relay/origins/origins.h"
#include "srs-relay/streams/hub.h"

namespace srs::relay {

class Cluster {
 public:
  // pulled_too: also announces streams that this relay pulls. All must outlive it.
  Cluster(asio::io_context& io, const Clock& clock, registry::Registry::Options options, bool pulled_too,
          Balance balance, Hub& hub, const cli::Log& log);

  // The nodes that hold the stream according to the registry, in the order in which to ask them; answers
  // within a second. protocol: only URLs of this scheme; else each node's preferred one.
  asio::awaitable<std::vector<OriginPtr>> origins_of(std::string path,
                                                     std::optional<std::string_view> protocol);
  // The most that origins_of() returns.
  static constexpr std::size_t most_origins = registry::max_holders;

  // Withdraws all announcements.
  void leave() { registry_.close(); }
  // Of the nodes found within the last minute.
  std::vector<OriginState> states() const;
  const registry::Registry::State& state() const { return registry_.state(); }

 private:
  OriginPtr origin_at(const registry::Holder& holder, std::optional<std::string_view> protocol);
  void forget_old();

  asio::io_context& io_;
  const Clock& clock_;
  registry::Registry registry_;
  Balancer balancer_;
  const cli::Log& log_;
  std::map<std::string, OriginPtr> known_;  // by name, those that were found lately
};

}  // namespace srs::relay
