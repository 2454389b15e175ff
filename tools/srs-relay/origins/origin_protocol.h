// OriginProtocol: the protocols of origins, one row each. No other code in srs-relay depends on which one
// it is.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "net/tls_context.h"

namespace srs::http {
class Client;
}

namespace srs::relay {

struct Origin;
class PullConnection;
struct PullTarget;

struct OriginProtocol {
  std::string_view scheme;      // "rtmp"; players of the same protocol have it in their URLs
  std::string_view tls_scheme;  // "rtmps"
  std::string_view name;        // among clients, "http-flv"
  std::string_view suffix;      // of a stream's URL there, behind its path
  // A connection that fetches one stream; nothing has been sent yet.
  std::unique_ptr<PullConnection> (*connect)(asio::io_context& io, http::Client& http, PullTarget target);
  // A health probe: succeeds with any answer of the protocol, even a refusal. A connection alone proves
  // little: the kernel accepts it for a stopped process.
  // tls: whom to trust where the client of HTTP is not used; null: the system's authorities.
  asio::awaitable<Result<void>> (*probe)(const Origin& origin, http::Client& http,
                                         std::shared_ptr<const net::TlsContext> tls,
                                         std::chrono::milliseconds timeout);
};

// Null if origins are not asked by URLs of this scheme.
const OriginProtocol* find_origin_protocol(std::string_view scheme);

}  // namespace srs::relay
