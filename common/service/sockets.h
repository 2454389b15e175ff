// Sockets that systemd opened for us (socket activation, sd_listen_fds(3)).
#pragma once

#include <memory>

#include "cli/log.h"
#include "net/inherited_sockets.h"

namespace srs::service {

// Takes the sockets over, and removes them from the environment. Null if there are none. Call once, before
// there are threads.
std::unique_ptr<net::InheritedSockets> inherit_sockets();

// Warns of sockets that no listener uses: players who connect there would wait for ever.
void warn_of_unused_sockets(const net::InheritedSockets& sockets, const cli::Log& log);

}  // namespace srs::service
