// Address: the remote or local address of a connection.
#pragma once

#include <netinet/in.h>

#include <string>
#include <vector>

#include "core/result.h"
#include "net/url.h"

namespace srs::bench {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// The host's first address. Blocks; called once per run.
Result<Address> resolve(const net::Url& url);

// "127.0.0.2,127.0.0.3": addresses of this machine to connect from, of the same family as the server's; each
// has about 28,000 ports. An error names the invalid one.
Result<std::vector<Address>> local_addresses(const std::string& text, const Address& server);

}  // namespace srs::bench
