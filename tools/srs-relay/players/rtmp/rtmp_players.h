// RtmpPlayers: RTMP connections of players, from the handshake to the end of their stream.
//
// A coroutine handles the handshake and the commands up to play; after that only the player's session in
// the fan-out of its stream remains. Belongs to one worker's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "cli/log.h"
#include "gate/gate.h"
#include "rtmp/listed_session.h"
#include "rtmp/server_session.h"
#include "srs-relay/players/rtmp/rtmp_wires.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/protocol.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class RtmpPlayers : public Protocol {
 public:
  // Takes a publisher's connection over, on the worker's thread. Empty: publishers are refused.
  using OnPublisher = std::function<void(std::shared_ptr<rtmp::ServerSession>, rtmp::Request)>;
  struct Options {
    std::chrono::milliseconds wait{0};            // for a stream that is not there, at most
    std::shared_ptr<rtmp::MessageBudget> budget;  // of the process, for unfinished messages; null: none
    OnPublisher on_publisher;
  };

  // All must outlive it.
  RtmpPlayers(Worker& worker, Hub& hub, gate::Gate& gate, const RtmpWires& wires, Options options,
              const cli::Log& log);

  void serve(asio::ip::tcp::socket socket, net::Ticket ticket) override;
  std::size_t connections() const override { return sessions_.size(); }
  void close() override;

 private:
  LastBytes last_bytes(std::string_view query) const;
  asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket, net::Ticket ticket);
  asio::awaitable<void> serve_session(std::shared_ptr<rtmp::ServerSession> session);
  asio::awaitable<void> serve_player(std::shared_ptr<rtmp::ServerSession> session, rtmp::Request request);

  Worker& worker_;
  Hub& hub_;
  gate::Gate& gate_;
  const RtmpWires& wires_;
  const Options options_;
  const cli::Log& log_;
  const Slice play_end_;
  const Slice reconnect_request_;
  rtmp::SessionList sessions_;
};

}  // namespace srs::relay
