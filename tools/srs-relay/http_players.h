// HttpPlayers: HTTP-FLV. GET /live/cam1.flv is the stream live/cam1, endless.
//
// The HTTP server reads the request; then the socket is all that is left of it, and its Player
// in the stream's fan-out. One thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "cli/log.h"
#include "http/response.h"
#include "hub.h"
#include "media/flv_wire.h"

namespace srs::relay {

class HttpPlayers {
 public:
  // wait: how long a player waits for a stream that is not there.
  HttpPlayers(Hub& hub, std::chrono::milliseconds wait, const cli::Log& log)
      : hub_(hub), wait_(wait), log_(log) {}

  // The handler of the HTTP server.
  asio::awaitable<http::Answer> answer(http::Request request);

 private:
  void start(std::shared_ptr<Stream> stream, asio::ip::tcp::socket socket, const std::string& head);

  Hub& hub_;
  std::chrono::milliseconds wait_;
  const cli::Log& log_;
  media::FlvWire wire_;
};

}  // namespace srs::relay
