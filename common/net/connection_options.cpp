#include "net/connection_options.h"

#include <sys/resource.h>

#include <algorithm>

#include "cli/option_kinds.h"

namespace srs::net {
namespace {

constexpr std::size_t default_max = 100'000;

// A connection needs a descriptor: allow as many as possible.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_max, 1u << 30));
}

// For everything but peers' connections: threads, files, pulls, pushes, the operators' interface.
std::size_t reserve_of(std::size_t descriptors) {
  return std::clamp<std::size_t>(descriptors / 8, 24, 512);
}

}  // namespace

ConnectionLimits ConnectionOptions::limits() const {
  const std::size_t descriptors = raise_descriptor_limit();
  const std::size_t reserve = std::min(reserve_of(descriptors), descriptors / 2);
  ConnectionLimits limits;
  limits.connections = connections > 0 ? connections : std::min(descriptors - reserve, default_max);
  limits.per_address = per_address > 0 ? per_address : std::max<std::size_t>(1, limits.connections / 2);
  return limits;
}

void add_connection_options(CLI::App& app, ConnectionOptions& options) {
  cli::add_number(app, "--max-connections", options.connections, 1, 10'000'000,
                  "Most connections to all --listen addresses [default: as file descriptors allow]");
  cli::add_number(app, "--max-connections-per-address", options.per_address, 1, 10'000'000,
                  "Most of them from one IP address [default: half of all]");
}

}  // namespace srs::net
