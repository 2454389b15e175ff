// Redirects of HTTP (RFC 9110 section 15.4) and RTMP: their targets, and the addresses of the servers there.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/result.h"
#include "net/url.h"
#include "srs-bench/loop/address.h"

namespace srs::bench {

inline constexpr int max_redirects = 5;  // per player

// The value of a field in a response header with CRLF lines; name: in lower case. Empty if it is missing, or
// larger than 2 KiB.
std::string http_field(std::string_view header, std::string_view name);

// The target of a redirect from `from` to `reference`. Errors: no URL, or a protocol that is not played here.
Result<net::Url> redirected(const net::Url& from, const std::string& reference);

// The addresses of redirect targets. The first player sent to a host blocks its thread until the name is
// resolved; others get it from here. Servers are not trusted: at most servers_max addresses are kept. Any
// thread.
class ServerAddresses {
 public:
  static constexpr std::size_t servers_max = 64;

  Result<Address> of(const net::Url& url);

 private:
  std::mutex mutex_;
  std::map<std::string, Result<Address>> known_;  // by authority
};

}  // namespace srs::bench
