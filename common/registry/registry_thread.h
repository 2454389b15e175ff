// RegistryThread runs the Registry's commands on a Redis server, on a thread of its own, where it may block.
// It announces streams, renews its announcements, and looks streams up, many at a time.
//
// It announces everything again on every new connection, so a Redis that lost its data knows all streams at
// once. Between tries to connect it waits (0.2 s, doubled up to a third of the TTL).
//
// The thread and its Registry share this object; the thread may outlive the Registry for as long as a
// name server or a Redis server keeps it waiting.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "registry/redis.h"

namespace srs::registry {

class RegistryThread : public std::enable_shared_from_this<RegistryThread> {
 public:
  using Clock = std::chrono::steady_clock;

  // Called on the io_context's thread.
  struct Listener {
    virtual ~Listener() = default;
    // None if the server could not be asked.
    virtual void on_answer(const std::string& path, std::optional<std::vector<std::string>> values) = 0;
    virtual void on_connected() = 0;
    virtual void on_away(const Error& error) = 0;
  };

  RegistryThread(asio::io_context& io, RedisServer server, std::string node, std::chrono::milliseconds ttl);

  // listener: used until leave().
  void start(Listener& listener);
  // Withdraws all announcements and ends the thread; waits for that, but no longer than the time-out. The
  // listener is not called afterwards.
  void leave(std::chrono::milliseconds timeout);

  // These return at once. value: the answer to look-ups. False: it was announced already.
  bool announce(const std::string& path, std::string value);
  // False: it is not announced.
  bool withdraw(const std::string& path);
  void withdraw_all();
  void look_up(const std::string& path);

 private:
  struct Change {
    std::string path;
    std::string value;
    bool is_withdrawal = false;
  };

  static void run(std::shared_ptr<RegistryThread> self);
  void work();
  bool wait_for_work();
  void pop_work();
  Result<void> do_work();
  Result<std::vector<Redis::Answer>> connect_and_run();
  Result<void> connect();
  Result<void> renew();
  void on_failure(const Error& error);
  void fail_look_ups();
  Redis::Command command_of(const Change& change) const;
  void post(std::function<void(Listener&)> event);

  const RedisServer server_;
  const std::string node_;
  const std::chrono::milliseconds ttl_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Under the mutex.
  asio::io_context* io_;  // null after leave()
  std::deque<std::string> look_ups_;
  std::deque<Change> changes_;
  std::map<std::string, std::string> announced_;  // path: value
  bool leaving_ = false;
  bool done_ = false;
  bool connected_ = false;

  // The io_context's thread.
  Listener* listener_ = nullptr;

  // The thread's own.
  std::optional<Redis> redis_;
  std::vector<std::string> current_look_ups_;
  std::vector<Change> current_changes_;
  Clock::time_point renewal_at_{};
  Clock::time_point next_try_{};
  std::chrono::milliseconds backoff_{};
};

}  // namespace srs::registry
