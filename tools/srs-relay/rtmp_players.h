// RtmpPlayers: RTMP connections of players, from the handshake to the end of their stream.
//
// A coroutine sees each connection through its beginning; what is left of a player then is its session in the
// fan-out of its stream. Belongs to one worker's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "cli/log.h"
#include "formats.h"
#include "hub.h"
#include "rtmp/listed_session.h"
#include "rtmp/server_session.h"

namespace srs::relay {

class RtmpPlayers {
 public:
  RtmpPlayers(Worker& worker, Hub& hub, const Formats& formats, std::chrono::milliseconds wait,
              std::shared_ptr<rtmp::MessageBudget> budget, const cli::Log& log);

  // Takes a publisher's connection over. While it is not set, publishers are refused.
  std::function<void(std::shared_ptr<rtmp::ServerSession>, rtmp::Request)> take_publisher;

  // Serves one connection to its end.
  asio::awaitable<void> serve(asio::ip::tcp::socket socket, net::Ticket ticket);
  // What a player is sent that is to connect again.
  const Slice& reconnect_request() const { return reconnect_request_; }
  // Connections that are not players' or publishers' yet.
  std::size_t connections() const { return sessions_.size(); }
  // Cuts off every connection that is not a player's or a publisher's yet.
  void close();

 private:
  LastBytes last_bytes(std::string_view query) const;
  asio::awaitable<void> serve_session(std::shared_ptr<rtmp::ServerSession> session);
  asio::awaitable<void> serve_player(std::shared_ptr<rtmp::ServerSession> session, rtmp::Request request);

  Worker& worker_;
  Hub& hub_;
  const Formats& formats_;
  std::chrono::milliseconds wait_;
  const std::shared_ptr<rtmp::MessageBudget> budget_;
  const cli::Log& log_;
  const Slice play_end_;
  const Slice reconnect_request_;
  rtmp::SessionList sessions_;
};

}  // namespace srs::relay
