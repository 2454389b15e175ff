// OriginSpec: an origin as the command line, a file or a registry names it.
//
//   rtmp://origin1:1935                       live/cam1 is rtmp://origin1:1935/live/cam1
//   http://origin2:8080;weight=3              live/cam1 is http://origin2:8080/live/cam1.flv
//   http://cdn.example.org/{path}/index.flv   the path where {path} stands
//   rtmp+srv://_rtmp._tcp.example.org         the hosts and ports that the SRV records name (RFC 2782)
//
// `;metrics=http://origin1:9090/metrics` tells where an origin's load can be read. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "net/resolver.h"
#include "net/url.h"
#include "srs-relay/origins/origin_protocol.h"

namespace srs::relay {

struct OriginSpec {
  net::Url url;
  unsigned weight = 1;      // 1 to 1000
  std::string metrics_url;  // empty: unknown
  unsigned priority = 0;    // lower ones are asked first

  // Without user and password: for people, and as a key, which has all of the query.
  std::string name() const;
  std::string key() const { return url.display(); }
  // What is spoken there.
  const OriginProtocol& protocol() const;
  bool is_srv() const { return net::is_service_url(url); }
  // The origin at one of the addresses of its name: what SRV records say of it counts (RFC 2782).
  OriginSpec at(const net::Address& address) const;
  // The URL of a stream there, without our own query.
  net::Url url_of(std::string_view path) const;
};

Result<OriginSpec> parse_origin(std::string_view text);

// One origin a line; empty lines and lines that start with '#' are left out. Errors name the line.
Result<std::vector<OriginSpec>> parse_origins(std::string_view text);
Result<std::vector<OriginSpec>> read_origins_file(const std::string& file);

}  // namespace srs::relay
