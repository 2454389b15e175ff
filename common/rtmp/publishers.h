// Publishers serves RTMP publishers, from the handshake to the end of their connection. live::Publications
// handles their streams.
//
// One thread. Sessions refer to the Publishers object: stop() and run the io_context until sessions() is 0
// before destroying it.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "cli/log.h"
#include "gate/gate.h"
#include "live/publications.h"
#include "rtmp/listed_session.h"
#include "rtmp/message_budget.h"
#include "rtmp/server_session.h"

namespace srs::rtmp {

class Publishers {
 public:
  // budget: the process's, for unfinished messages; null: none. pacer: of the thread; null: none. The others
  // must outlive this.
  Publishers(live::Publications& publications, gate::Gate& gate, std::shared_ptr<MessageBudget> budget,
             const cli::Log& log, net::Pacer* pacer = nullptr)
      : publications_(publications), gate_(gate), budget_(std::move(budget)), log_(log), pacer_(pacer) {}

  // Serves one connection, from the handshake to its end.
  asio::awaitable<void> serve(net::Socket socket, net::Ticket ticket = {});
  // Serves a publisher that has been admitted: see admit.h.
  asio::awaitable<void> serve(std::shared_ptr<ServerSession> session, Request request);

  // Says why it may not publish, and ends it.
  asio::awaitable<void> refuse(std::shared_ptr<ServerSession> session, Request request, std::string why);

  // Closes all connections. Publications::stop() comes first.
  void stop();
  // Any thread.
  std::size_t sessions() const { return sessions_.size(); }

 private:
  asio::awaitable<void> hold_back(ServerSession& session, std::chrono::milliseconds time);
  // Until it ends; why.
  asio::awaitable<std::string> read_media(std::shared_ptr<ServerSession> session,
                                          std::unique_ptr<live::Publications::Feed> feed);

  live::Publications& publications_;
  gate::Gate& gate_;
  const std::shared_ptr<MessageBudget> budget_;
  const cli::Log& log_;
  net::Pacer* const pacer_;
  SessionList sessions_;
};

}  // namespace srs::rtmp
