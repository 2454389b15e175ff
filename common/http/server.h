// Server: HTTP/1.1 on connections that someone else accepted.
//
//     http::Server server(handle, {});
//     listener.accept_loop([&](tcp::socket socket) { server.serve(std::move(socket)); }, on_error);
//
//     asio::awaitable<http::Answer> handle(http::Request request) {
//       if (no such stream) co_return http::error_response(404, "live/x: no such stream");
//       co_return http::Takeover{http::stream_head("video/x-flv"), start_player};
//     }
//
// One coroutine per connection reads a request, asks the handler, sends the answer, and so on,
// in order. GET and HEAD (and what ServerOptions adds) reach the handler; OPTIONS and other methods are
// on_answered here.
//
// A handler may wait. Meanwhile the connection is watched, and if the client leaves, what the handler waits
// for is cancelled (operation_aborted; its next co_await throws). A client that closes only its sending side
// counts as gone.
//
// A handler that answers with a Takeover ends the HTTP part: coroutine, buffers and timer are
// freed, the socket moves to its new owner, and the server counts it no more.
//
// Every wait has a deadline: one for a whole request from its first byte (a client that drips
// bytes gains nothing), one for idle connections, one for a client that does not take its answer.
//
// Runs on the thread of the sockets' io_context, which may have only one. Destroying the server closes its
// connections; what the handler refers to must live until the io_context has run them to their end
// (connections() is 0) or is destroyed.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/request.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/socket.h"

namespace srs::http {

using Handler = std::function<asio::awaitable<Answer>(Request request)>;

struct ServerOptions {
  RequestLimits limits;
  std::vector<std::string> more_methods;           // that reach the handler, besides GET and HEAD
  bool cross_origin = true;                        // web pages of other sites may read the answers (CORS)
  std::chrono::milliseconds request_time{10'000};  // from a request's first byte to its last
  std::chrono::milliseconds idle_time{60'000};     // between requests, and before the first
  std::chrono::milliseconds stalled_time{30'000};  // without the client taking any byte
  // After each answer, for a log; the request without its headers; status 0 for a client that went away
  // before. May be empty.
  std::function<void(const Request& request, int status)> on_answered;
  // An internal error (an exception from a handler), in words. May be empty.
  std::function<void(std::string)> on_error;
  // A client that speaks something else than HTTP, and what. May be empty.
  std::function<void(const std::string& address, std::string_view what)> on_foreign;
};

struct ServerState;

class Server {
 public:
  explicit Server(Handler handler, ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts a connection's coroutine on the socket's executor. It keeps the ticket.
  void serve(net::Socket socket, net::Ticket ticket = {});

  // Connections that the server still holds, without those that were taken over.
  std::size_t connections() const;

  // A connection of the server, for operators. number: unique as long as the server lives.
  struct Client {
    std::uint64_t number = 0;
    std::string address;
    std::chrono::steady_clock::time_point since{};
    std::uint64_t sent_bytes = 0;
  };
  std::vector<Client> clients() const;
  // Ends this connection now. False if there is none.
  bool cut_off(std::uint64_t number);

  // Ends idle connections now, the others after their current answer.
  void drain();
  // Ends all connections now.
  void close();

 private:
  std::shared_ptr<ServerState> state_;
};

}  // namespace srs::http
