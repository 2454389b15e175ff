// Worker: a thread with its own listeners and players.
//
// A player's connection stays on the worker that accepted it; the kernel spreads connections over the
// workers' listeners (SO_REUSEPORT). What happens to streams - beginning, ending, looking one up - is the
// business of the Hub on the input's thread.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "cli/log.h"
#include "http/server.h"
#include "http_players.h"
#include "rtmp_players.h"
#include "stream.h"
#include "wake_list.h"

namespace srs::relay {

class Worker {
 public:
  struct Options {
    std::chrono::milliseconds wait{10'000};  // for a stream that is not there
    std::chrono::milliseconds stall_timeout{15'000};
    std::shared_ptr<rtmp::MessageBudget> budget;  // of the process, for unfinished messages; null: none
  };

  // number: of its audience in each stream.
  Worker(std::size_t number, Options options, Hub& hub, const Formats& formats, const cli::Log& log);
  ~Worker();

  asio::io_context& io() { return io_; }
  RtmpPlayers& rtmp_players() { return rtmp_players_; }

  // Starts the thread. on_failed is called on it if an exception ends it.
  void start(std::function<void(const std::string& what)> on_failed);
  // Ends all connections, soon after. Any thread.
  void stop();
  bool stopped() const { return stopped_; }

  std::size_t number() const { return number_; }

  // Any thread.
  std::size_t players() const { return players_; }
  // The input's thread: there is something new for this audience of the worker.
  void wake(std::shared_ptr<Stream> stream, Audience& audience);

  // The worker's thread.
  // Asks its players, and those that still come, to connect again elsewhere.
  void drain();
  // Players, and connections that may become one.
  std::size_t connections() const;
  std::uint32_t next_client_number() { return ++last_client_; }
  // Every client of a stream here.
  std::vector<ClientInfo> clients() const;
  // Its part of each of these streams' players, in the same order.
  std::vector<Audience::Figures> figures(const std::vector<std::shared_ptr<Stream>>& streams) const;
  // Cuts a client off; false if it is not here.
  bool kick(const std::string& id);
  void serve_rtmp(asio::ip::tcp::socket socket, net::Ticket ticket);
  void serve_http(asio::ip::tcp::socket socket, net::Ticket ticket) {
    http_server_.serve(std::move(socket), std::move(ticket));
  }
  // The stream of this path in this format, if it has players here: the hub need not be asked.
  std::optional<Hub::Found> known(const std::string& path, const media::WireEncoder& encoder) const;
  // Adds a player to its stream. last_bytes: what it is sent at the end.
  Fanout& join(const Hub::Found& found, const LastBytes& last_bytes, std::shared_ptr<Player> player);
  void leave(const std::shared_ptr<Stream>& stream, Fanout& fanout, const Player& player);

 private:
  void run();
  void wait_for_wake();
  void take_woken();
  void serve_some();
  void watch_stalls();
  void close();

  const std::size_t number_;
  const Options options_;
  const cli::Log& log_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::posix::stream_descriptor bell_;  // an eventfd
  WakeList woken_;
  std::deque<std::shared_ptr<Stream>> due_;                           // whose players are due
  std::unordered_set<std::shared_ptr<Stream>> served_;                // that have players here
  std::unordered_map<std::string, std::shared_ptr<Stream>> by_path_;  // the newest of them of each path
  bool serving_ = false;
  asio::steady_timer stall_timer_;
  bool draining_ = false;
  unsigned seconds_drained_ = 0;
  RtmpPlayers rtmp_players_;
  HttpPlayers http_players_;
  http::Server http_server_;
  std::uint32_t last_client_ = 0;
  std::atomic<std::size_t> players_ = 0;
  std::atomic<bool> stopped_ = false;
  std::function<void(const std::string&)> on_failed_;
  std::thread thread_;
};

}  // namespace srs::relay
