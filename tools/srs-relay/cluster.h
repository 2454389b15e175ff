// Cluster: what this relay tells other relays, and learns from them, through the registry.
//
// The streams that are published here are announced for as long as they can be played; the origins of a
// stream that is not here are those that announce it. Their health is remembered like that of the origins
// that were given to us.
//
// Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "balance.h"
#include "hub.h"
#include "origins.h"
#include "registry/registry.h"

namespace srs::relay {

class Cluster {
 public:
  // pulled_too: streams that we fetch are announced as well. All must outlive it.
  Cluster(asio::io_context& io, registry::Registry::Options options, bool pulled_too, Balance balance,
          Hub& hub, const cli::Log& log);

  // Those that hold the stream now, as far as the registry knows, in the order in which they are to be asked;
  // within a second. over_http: only over HTTP, or only over RTMP; else what each prefers.
  asio::awaitable<std::vector<OriginPtr>> origins_of(std::string path, std::optional<bool> over_http);
  // How many they are at most.
  static constexpr std::size_t most_origins = registry::max_holders;

  // Nobody shall come to us any more: everything is withdrawn.
  void leave() { registry_.close(); }
  // Of those that were found within the last minute.
  std::vector<OriginState> states() const;
  const registry::Registry::State& state() const { return registry_.state(); }

 private:
  OriginPtr origin_at(const registry::Holder& holder, std::optional<bool> over_http);
  void forget_old();

  asio::io_context& io_;
  registry::Registry registry_;
  Balancer balancer_;
  const cli::Log& log_;
  std::map<std::string, OriginPtr> known_;  // by name, those that were found lately
};

}  // namespace srs::relay
