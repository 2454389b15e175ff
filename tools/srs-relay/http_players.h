// HttpPlayers: HTTP-FLV. GET /live/cam1.flv is the stream live/cam1, endless.
//
// The HTTP server reads the request; then the socket is all that is left of it, and its Player
// in the stream's fan-out. Belongs to one worker's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "cli/log.h"
#include "formats.h"
#include "http/response.h"
#include "hub.h"

namespace srs::relay {

class HttpPlayers {
 public:
  // wait: how long a player waits for a stream that is not there.
  HttpPlayers(Worker& worker, Hub& hub, const Formats& formats, std::chrono::milliseconds wait,
              const cli::Log& log)
      : worker_(worker), hub_(hub), formats_(formats), wait_(wait), log_(log) {}

  // The handler of the HTTP server.
  asio::awaitable<http::Answer> answer(http::Request request);

 private:
  void start(const Hub::Found& found, asio::ip::tcp::socket socket, net::Ticket ticket,
             const std::string& head, const LastBytes& last_bytes, Player::Clock::time_point asked_at);

  Worker& worker_;
  Hub& hub_;
  const Formats& formats_;
  std::chrono::milliseconds wait_;
  const cli::Log& log_;
};

}  // namespace srs::relay
