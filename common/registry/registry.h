// Registry: which node holds which stream, as all nodes of a cluster tell each other through Redis.
//
// A node announces the streams that it holds; each announcement has a TTL and is renewed at a third of it, so
// that what a dead node announced goes by itself. Who wants a stream looks it up: answers are kept for a
// second, and the last known ones for as long as Redis is away (of the 4096 streams last asked for).
//
// Redis may come and go: trouble is told once, and nothing here ever waits for it. Belongs to the thread
// of the io_context, which must outlive it.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "registry/holder.h"
#include "registry/registry_thread.h"

namespace srs::registry {

class Registry : private RegistryThread::Listener {
 public:
  struct Options {
    RedisServer server;
    std::string node;               // our own id
    std::vector<std::string> urls;  // where our streams can be played; empty: nothing is announced
    std::chrono::milliseconds ttl{10'000};
  };
  using Done = std::function<void(std::vector<Holder>)>;

  // What monitoring shows.
  struct State {
    bool connected = false;
    std::string last_error;  // empty while connected
    std::size_t announced = 0;
    std::uint64_t look_ups = 0;  // that Redis was asked for
    std::uint64_t look_ups_failed = 0;
  };

  Registry(asio::io_context& io, Options options, const cli::Log& log);
  // Takes back all announcements; that may take half a second if Redis is slow. Nobody is called after it.
  ~Registry() override;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  void announce(const std::string& path);
  void withdraw(const std::string& path);
  // We leave: nothing is announced any more, and whoever waits for an answer gets the last known one.
  void close();

  // Calls `done` with the nodes that hold a stream (not ourselves), once, later than this call returns and
  // within a second. The last known ones if Redis is away; none if nobody holds it or nothing is known.
  // Not called if we are destroyed before there is an answer.
  void find(const std::string& path, Done done);

  const State& state() const { return state_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    std::vector<Holder> holders;
    Clock::time_point learnt_at;
    std::list<std::string>::iterator use;
  };
  struct Waiting {
    std::vector<Done> asked_by;
    asio::steady_timer deadline;
  };

  void on_answer(const std::string& path, std::optional<std::vector<std::string>> values) override;
  void on_connected() override;
  void on_away(const Error& error) override;
  bool may_have_forgotten(const std::string& path) const;
  std::vector<Holder> last_known(const std::string& path) const;
  void remember(const std::string& path, std::vector<Holder> holders);
  void serve_waiting(const std::string& path);
  void reply(Done done, std::vector<Holder> holders);

  asio::io_context& io_;
  const Options options_;
  const cli::Log& log_;
  const std::shared_ptr<RegistryThread> thread_;
  std::map<std::string, Known> known_;
  std::list<std::string> uses_;  // of known_, the newest first
  std::map<std::string, std::shared_ptr<Waiting>> waiting_;
  State state_;
  std::map<std::string, Clock::time_point> told_;  // errors, when
  bool absence_told_ = false;
  const std::shared_ptr<bool> exists_ = std::make_shared<bool>(true);  // for callbacks that are posted
  bool away_ = false;
  bool closed_ = false;
  Clock::time_point connected_at_{};
};

}  // namespace srs::registry
