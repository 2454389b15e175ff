// Looks up a stream for a session on a worker's thread: among those that the worker already serves, which
// costs nothing, or else in the hub.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

// Asks on the hub's thread if needed, and resumes on the coroutine's own. Also finds nothing if the wait is
// cancelled. The encoder must live as long as the relay.
asio::awaitable<Hub::Found> look_up(const Worker& worker, Hub& hub, Wanted wanted,
                                    const log::WireEncoder& encoder);

}  // namespace srs::relay
