// Health probes for OriginProtocol::probe: an RTMP "connect", or any HTTP answer.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <memory>

#include "core/result.h"
#include "http/client.h"
#include "net/tls_context.h"

namespace srs::relay {

struct Origin;

asio::awaitable<Result<void>> probe_rtmp(const Origin& origin, http::Client& http,
                                         std::shared_ptr<const net::TlsContext> tls,
                                         std::chrono::milliseconds timeout);
asio::awaitable<Result<void>> probe_http(const Origin& origin, http::Client& http,
                                         std::shared_ptr<const net::TlsContext> tls,
                                         std::chrono::milliseconds timeout);

}  // namespace srs::relay
