// Worker: a thread with its own listeners and players.
//
// A player's connection stays on the worker that accepted it; the kernel spreads connections over the
// workers' listeners (SO_REUSEPORT). Streams are looked up in the Hub, on its thread.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "core/clock.h"
#include "net/timer.h"
#include "srs-relay/streams/found_stream.h"
#include "srs-relay/streams/stream.h"
#include "srs-relay/streams/wake_list.h"
#include "srs-relay/streams/waker.h"
#include "srs-relay/workers/protocol.h"
#include "srs-relay/workers/rounds.h"

namespace srs::relay {

class Worker : public Waker {
 public:
  struct Options {
    std::chrono::milliseconds stall_timeout{30'000};  // a player that takes nothing for longer is closed
    bool rests = false;                               // while it is busy: see RoundTime
  };
  // number: of its audience in each stream. The clock must outlive it.
  Worker(std::size_t number, const Clock& clock, Options options);
  ~Worker() override;

  asio::io_context& io() { return io_; }
  const Clock& clock() const { return clock_; }
  net::Pacer& pacer() { return rounds_; }
  // What it serves; set before start(). Destroyed with the worker.
  void set_protocols(std::vector<std::unique_ptr<Protocol>> protocols) { protocols_ = std::move(protocols); }
  // The worker's thread. number: its place among them.
  Protocol& protocol(std::size_t number) { return *protocols_[number]; }

  // Starts the thread. on_failed is called on it if an exception ends it.
  void start(std::function<void(const std::string& what)> on_failed);
  // Ends all connections, soon after. Any thread.
  void stop();
  // Stops, waits for the thread and destroys what still waits in the loop. It may refer to other workers: to
  // be called for all before any is destroyed.
  void shut_down();
  bool stopped() const { return stopped_; }
  // What the thread does before and after running io(): begins to serve; ends every connection, so that
  // nothing outlives what it uses. Public for callers that run io() themselves.
  void begin();
  void close();

  std::size_t number() const { return number_; }
  // All workers, this one among them; set before start(). Default: there is no other.
  void set_siblings(const std::vector<std::unique_ptr<Worker>>& workers) { siblings_ = &workers; }
  // The one that is to serve a player of this stream that came to this worker: while the stream has few, the
  // one that reads it, so that no other thread has to be woken. Any thread.
  Worker& server_of(const Stream& stream);

  // Any thread.
  std::size_t players() const { return players_; }
  void wake(std::shared_ptr<Stream> stream, Audience& audience) override;

  // The worker's thread. Asks its players, and those that still join, to reconnect elsewhere.
  void drain();
  // Players, and connections that may become one.
  std::size_t connections() const;
  std::uint32_t next_client_number() { return ++last_client_; }
  // Every client of a stream here.
  std::vector<ClientInfo> clients() const;
  // Figures of its own players of each of these streams, in the same order.
  std::vector<Audience::Figures> figures(const std::vector<std::shared_ptr<Stream>>& streams) const;
  // Cuts a client off; false if it is not here.
  bool kick(const std::string& id);
  // The stream of this path in this format, if it has players here: the hub need not be asked.
  std::optional<FoundStream> known(const std::string& path, const log::WireEncoder& encoder) const;
  // Adds a player to its stream. last_bytes: what it is sent at the end.
  Fanout& join(const FoundStream& found, const LastBytes& last_bytes, std::shared_ptr<Player> player);
  void leave(const std::shared_ptr<Stream>& stream, Fanout& fanout, const Player& player);

 private:
  void run();
  void wait_for_wake();
  void serve_woken();
  void serve_some();
  void watch_stalls();

  const std::size_t number_;
  const Clock& clock_;
  const Options options_;
  const std::vector<std::unique_ptr<Worker>>* siblings_ = nullptr;
  class Loop : public asio::io_context {
   public:
    Loop() : asio::io_context(1) {}
    void destroy_handlers() { shutdown(); }
  };

  Loop io_;
  Rounds rounds_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::posix::stream_descriptor wake_event_;  // an eventfd
  WakeList woken_;
  std::deque<std::shared_ptr<Stream>> due_;                           // streams with due players
  std::unordered_set<std::shared_ptr<Stream>> served_;                // streams with players here
  std::unordered_map<std::string, std::shared_ptr<Stream>> by_path_;  // the newest of them of each path
  bool serving_ = false;
  net::Timer stall_timer_;
  bool draining_ = false;
  unsigned seconds_drained_ = 0;
  std::vector<std::unique_ptr<Protocol>> protocols_;
  std::uint32_t last_client_ = 0;
  std::atomic<std::size_t> players_ = 0;
  std::atomic<bool> stopped_ = false;
  std::function<void(const std::string&)> on_failed_;
  std::thread thread_;
};

}  // namespace srs::relay
