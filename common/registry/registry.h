// Registry: which node has which stream, shared by the nodes of a cluster through Redis.
//
// A node announces the streams that it has; an announcement has a TTL and is renewed at a third of it, so
// that those of a dead node expire by themselves. Look-ups are cached for a second, and for as long as Redis
// is away (the 4096 streams used last).
//
// Redis may come and go: a failure is logged once, and nothing here ever waits for it. Belongs to the thread
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

  // For monitoring.
  struct State {
    bool connected = false;
    std::string last_error;  // empty while connected
    std::size_t announced = 0;
    std::uint64_t look_ups = 0;  // sent to Redis
    std::uint64_t look_ups_failed = 0;
  };

  Registry(asio::io_context& io, Options options, const cli::Log& log);
  // Withdraws all announcements, which may take half a second if Redis is slow. No callback is called
  // afterwards.
  ~Registry() override;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  void announce(const std::string& path);
  void withdraw(const std::string& path);
  // Withdraws all announcements and accepts no more; pending look-ups get the last known answers.
  void close();

  // Calls `done` once, after this call has returned and within a second, with the nodes that have a stream
  // (not ourselves). If Redis is away, these are the last known ones; none if no node has it or nothing is
  // known. Not called if the Registry is destroyed first.
  void find(const std::string& path, Done done);

  const State& state() const { return state_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct CacheEntry {
    std::vector<Holder> holders;
    Clock::time_point learnt_at;
    std::list<std::string>::iterator use;
  };
  struct Waiting {
    std::vector<Done> callbacks;
    asio::steady_timer deadline;
  };

  void on_answer(const std::string& path, std::optional<std::vector<std::string>> values) override;
  void on_connected() override;
  void on_away(const Error& error) override;
  bool may_have_forgotten(const std::string& path) const;
  std::vector<Holder> last_known(const std::string& path) const;
  void store(const std::string& path, std::vector<Holder> holders);
  void serve_waiting(const std::string& path);
  void reply(Done done, std::vector<Holder> holders);

  asio::io_context& io_;
  const Options options_;
  const cli::Log& log_;
  const std::shared_ptr<RegistryThread> thread_;
  std::map<std::string, CacheEntry> cache_;
  std::list<std::string> uses_;  // of cache_, the newest first
  std::map<std::string, std::shared_ptr<Waiting>> waiting_;
  State state_;
  std::map<std::string, Clock::time_point> reported_;  // errors, and when
  bool reported_away_ = false;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for callbacks that are posted
  bool away_ = false;
  bool closed_ = false;
  Clock::time_point connected_at_{};
};

}  // namespace srs::registry
