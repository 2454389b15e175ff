// Address: where a connection goes to, or comes from.
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

// The host's first address. Blocks; once a run.
Result<Address> resolve(const net::Url& url);

// "127.0.0.2,127.0.0.3": addresses of this machine, of the same family as the server's, to connect from; each
// has some 28,000 ports of its own. An error names the one that is not.
Result<std::vector<Address>> local_addresses(const std::string& text, const Address& server);

}  // namespace srs::bench
