// Sockets that systemd opened for us (socket activation, sd_listen_fds(3)).
#pragma once

#include <memory>

#include "cli/log.h"
#include "net/inherited_sockets.h"

namespace srs::service {

// Takes them over from the environment, which names them no more afterwards. Null if there are none. Once,
// before there are threads.
std::unique_ptr<net::InheritedSockets> take_sockets();

// Warns of those that no listener uses: players who come there would wait for ever.
void warn_of_unused(const net::InheritedSockets& sockets, const cli::Log& log);

}  // namespace srs::service
