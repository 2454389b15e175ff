// Looking up a stream from a session on a worker's thread: in what the worker serves already, which costs
// nothing, or else in the hub.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "hub.h"

namespace srs::relay {

// Asks on the hub's thread, if need be, and comes back to the coroutine's own. Found nothing, too, if the
// wait is cancelled. The encoder must live as long as the relay.
asio::awaitable<Hub::Found> look_up(const Worker& worker, Hub& hub, Wanted wanted,
                                    const media::WireEncoder& encoder);

}  // namespace srs::relay
