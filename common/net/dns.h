// Look-ups by the system's resolver. The calls block, for seconds when name servers are down: net::Resolver
// makes them on threads of its own. Values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace srs::net {

// A place to connect to.
struct Address {
  std::string host;  // a literal IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;
  // From the SRV record (RFC 2782): lower priorities are tried first; among equals the weights say how often,
  // and 0 means hardly ever. A name without SRV records gives 0 and 1.
  unsigned priority = 0;
  unsigned weight = 1;
};

// An SRV record, its target still a name.
struct Service {
  std::string target;
  std::uint16_t port = 0;
  unsigned priority = 0;
  unsigned weight = 0;
};

// All addresses of a host name (or of a literal address: itself), in getaddrinfo's order, at most 64.
Result<std::vector<Address>> look_up_host(const std::string& host, std::uint16_t port);

// The addresses of all targets of the SRV records of a name such as "_rtmp._tcp.example.org", lowest priority
// first, at most 64. Targets without an address are skipped, unless no target has one.
Result<std::vector<Address>> look_up_services(const std::string& name);

// The SRV records of a DNS answer, at most 64, lowest priority first. Bytes that are not a DNS message are an
// error; malformed records, and those that say "no such service" (target "."), are skipped.
Result<std::vector<Service>> parse_services(std::span<const std::uint8_t> answer);

}  // namespace srs::net
