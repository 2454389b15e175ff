// Asks an origin for a sign of life: an RTMP "connect", or any HTTP answer at all. A connection alone says
// little; the kernel accepts it for a process that is stopped.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>

#include "core/result.h"
#include "http/client.h"

namespace srs::relay {

struct Origin;

asio::awaitable<Result<void>> probe_origin(const Origin& origin, http::Client& http,
                                           std::chrono::milliseconds timeout);

}  // namespace srs::relay
