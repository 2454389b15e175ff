// HttpPlayers: HTTP-FLV. GET /live/cam1.flv is the stream live/cam1, endless.
//
// The HTTP server reads the request and hands over the socket to a player session in the stream's fan-out.
// Belongs to one worker's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "cli/log.h"
#include "gate/gate.h"
#include "http/server.h"
#include "srs-relay/players/http_flv/flv_wires.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/protocol.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class HttpPlayers : public Protocol {
 public:
  // wait: how long a player waits for a stream that is not there. All must outlive it.
  HttpPlayers(Worker& worker, Hub& hub, gate::Gate& gate, const FlvWires& wires,
              std::chrono::milliseconds wait, const cli::Log& log);

  void serve(asio::ip::tcp::socket socket, net::Ticket ticket) override {
    server_.serve(std::move(socket), std::move(ticket));
  }
  std::size_t connections() const override { return server_.connections(); }
  void drain() override { server_.drain(); }
  void close() override { server_.close(); }

 private:
  asio::awaitable<http::Answer> answer(http::Request request);

  Worker& worker_;
  Hub& hub_;
  gate::Gate& gate_;
  const FlvWires& wires_;
  std::chrono::milliseconds wait_;
  const cli::Log& log_;
  http::Server server_;
};

}  // namespace srs::relay
