// Connection: one client of a Server, from accept to close or to takeover. Internal to the server.
//
// One read into a small buffer is pending nearly all the time: it receives the next request while the
// coroutine waits for one, and detects that the client is gone while a handler waits. So neither costs a
// coroutine, a timer or a call of epoll_ctl() of its own. There is one timer, which is set again only for an
// earlier deadline: one that was postponed meanwhile is checked when the timer fires.
//
// Owned by shared pointers in the coroutine's completion and in the read. Runs on the socket's executor.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "http/server.h"

namespace srs::http {

class Connection;

// Shared by a server's connections, which keep it alive beyond the Server.
struct ServerState {
  Handler handler;
  ServerOptions options;
  std::unordered_set<Connection*> connections;
  bool draining = false;
  std::uint64_t last_number = 0;

  void report(const std::string& what) const {
    if (options.on_error) options.on_error(what);
  }
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> server, net::Socket socket, net::Ticket ticket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static void start(std::shared_ptr<Connection> connection);

  // Between two requests, or before the first.
  bool idle() const { return idle_; }
  Server::Client client() const { return {number_, remote_address_, since_, sent_bytes_}; }
  // Closes the socket: all its waits fail.
  void end();

 private:
  using Awaken = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;
  // The pending read. It owns the coroutine that waits for it, so that both end with the io_context.
  struct Reading {
    std::optional<Awaken> awaken;
  };

  asio::awaitable<std::optional<Takeover>> run();
  asio::awaitable<bool> read_request();
  asio::awaitable<void> refuse(int status, std::string line);
  asio::awaitable<std::optional<Answer>> call_handler(Request request);
  asio::awaitable<bool> send_response(const Request* request, Response response, bool keep_alive);
  asio::awaitable<bool> send(std::string_view bytes, int flags);
  asio::awaitable<bool> send_file(FileRegion region);
  asio::awaitable<bool> send_pieces(std::string head, std::vector<Slice> pieces);
  asio::awaitable<void> linger();
  asio::awaitable<bool> receive();
  asio::awaitable<void> until_read();
  asio::awaitable<bool> writable();

  void start_reading();
  void on_read(const asio::error_code& error, std::size_t size, std::unique_ptr<Reading> reading);
  void fill();
  Response method_not_allowed(const std::string& method) const;
  void report_foreign() const;
  void report_answer(const Request& request, int status) const;
  void cancel_soon();
  void set_deadline(std::chrono::milliseconds time);
  void start_deadline();
  void finish(std::optional<Takeover> takeover);

  std::shared_ptr<ServerState> server_;
  net::Socket socket_;
  net::Ticket ticket_;
  asio::steady_timer deadline_;
  std::chrono::steady_clock::time_point due_{};
  bool deadline_runs_ = false;
  Reading* reading_ = nullptr;  // null: no read is pending
  std::array<char, 1024> received_;
  asio::cancellation_signal stop_handler_;
  bool in_handler_ = false;  // the handler runs
  bool gone_ = false;        // the client has left
  std::string remote_address_;
  const std::uint64_t number_;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  std::uint64_t sent_bytes_ = 0;
  RequestParser parser_;
  std::string input_;  // read, but not yet fed to the parser
  bool idle_ = true;
  bool timed_out_ = false;
};

}  // namespace srs::http
