// RtmpPlayers: RTMP connections of players, from the handshake to the end of their stream.
//
// A coroutine per connection reads what the player asks for; what it is sent comes from the
// fan-out of its stream. One thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "cli/log.h"
#include "hub.h"
#include "rtmp/message_encoder.h"
#include "rtmp/server_session.h"

namespace srs::relay {

class RtmpPlayers {
 public:
  // Takes a publisher over; what it is not set, publishers are refused.
  using ServePublisher =
      std::function<asio::awaitable<void>(std::shared_ptr<rtmp::ServerSession>, rtmp::Request)>;

  RtmpPlayers(Hub& hub, std::chrono::milliseconds wait, const cli::Log& log)
      : hub_(hub), wait_(wait), log_(log) {}

  ServePublisher serve_publisher;

  // Serves one connection to its end.
  asio::awaitable<void> serve(asio::ip::tcp::socket socket);
  // Cuts every connection off.
  void close();

 private:
  asio::awaitable<void> serve_session(std::shared_ptr<rtmp::ServerSession> session);
  asio::awaitable<void> serve_player(std::shared_ptr<rtmp::ServerSession> session, rtmp::Request request);
  asio::awaitable<void> play(std::shared_ptr<rtmp::ServerSession> session, std::shared_ptr<Stream> stream,
                             std::string name);

  Hub& hub_;
  std::chrono::milliseconds wait_;
  const cli::Log& log_;
  rtmp::RtmpWire wire_;
  std::map<const rtmp::ServerSession*, std::weak_ptr<rtmp::ServerSession>> sessions_;
};

}  // namespace srs::relay
