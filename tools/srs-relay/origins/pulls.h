// Pulls: the streams that this relay fetches from its origins because a player here wants them.
//
// The first player of a stream starts a pull, which all share. It ends some time (linger) after the last
// player has left.
//
// With forward_query the origin decides for each player, by the player's permit: the part of its query that
// is forwarded. An unknown permit is tested by a pull of its own, which opens the stream with it. A yes
// holds for ten seconds for everyone with the same permit; the first such pull plays, and those that find
// the stream already playing end. A no holds for a second, for this permit only.
//
// Anybody can make up names: the number of searches is limited, in total and per address, and a name that
// no origin knows is not asked for again within a second. Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "http/client.h"
#include "net/timer.h"
#include "net/tls_context.h"
#include "rtmp/message_budget.h"
#include "srs-relay/origins/origins.h"
#include "srs-relay/origins/recent.h"
#include "srs-relay/origins/shares.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/streams/wanted.h"

namespace srs::relay {

class Cluster;
class Pull;
class PullConnection;
struct PullTarget;

struct PullOptions {
  std::chrono::milliseconds timeout{3'000};  // of an origin that says nothing
  std::chrono::milliseconds linger{10'000};  // without players
  std::chrono::milliseconds grace{15'000};   // of a stream that no origin has any more
  bool forward_query = false;
  bool redirect = false;                        // redirects players instead of pulling
  std::size_t max_pulls = 4096;                 // streams and permits that are fetched or looked for at once
  std::size_t max_pulls_per_address = 256;      // searches per address of a player
  std::string node;                             // our own id
  std::shared_ptr<rtmp::MessageBudget> budget;  // of the process; null: none
  std::shared_ptr<const net::TlsContext> tls;   // whom to trust; null: the system's authorities
  // Connects in place of the origin's protocol; for tests. Empty: the protocol does.
  std::function<std::unique_ptr<PullConnection>(const Origin& origin, PullTarget target)> connect{};
};

// What operators see of a stream that is being pulled.
struct PullState {
  std::uint64_t number = 0;  // of the connection, among all of this process
  std::string path, origin;
  std::string_view protocol = "rtmp";  // a literal
  std::chrono::steady_clock::time_point since{};
  std::uint64_t received_bytes = 0;
};

class Pulls : public Upstream {
 public:
  // All must outlive it, and it must outlive every run of the io_context.
  Pulls(asio::io_context& io, const Clock& clock, PullOptions options, Hub& hub, Origins& origins,
        http::Client& http, const cli::Log& log);
  ~Pulls() override;

  // Another source of origins; must outlive it.
  void set_cluster(Cluster* cluster) { cluster_ = cluster; }

  Wish want(const Wanted& wanted) override;
  bool asks_for_each() const override { return options_.forward_query; }
  std::string permit(const std::string& query) const override;
  bool permits(const Wanted& wanted) const override;
  std::chrono::milliseconds round_time() const override;
  void yield(const std::string& path) override;
  bool redirects() const override { return options_.redirect; }
  void redirect(Wanted wanted, std::function<void(std::optional<net::Url>)> done) override;

  // Ends all pulls; their pending operations end soon after.
  void stop();
  std::size_t size() const { return pulls_.size(); }
  std::vector<PullState> states() const;
  // Ends this connection; the stream is pulled from the next origin, or from the same one if there is no
  // other. False if there is no such number.
  bool cut_off(std::uint64_t number);

  // For a pull.
  asio::io_context& io() { return io_; }
  const Clock& clock() const { return clock_; }
  const PullOptions& options() const { return options_; }
  Hub& hub() { return hub_; }
  Origins& origins() { return origins_; }
  // All origins of a stream in the order in which to ask them: nodes of the cluster that hold it, then the
  // others. protocol: preferred where a node offers several.
  asio::awaitable<std::vector<OriginPtr>> origins_of(std::string path,
                                                     std::optional<std::string_view> protocol = {});
  http::Client& http() { return http_; }
  const cli::Log& log() const { return log_; }
  bool stopped() const { return stopped_; }
  // An origin plays the stream for this pull, so its permit is good. False: another pull already has the
  // stream.
  bool admit(Pull& pull);
  // All origins were asked and none has the stream, or none permits it.
  void on_absent(const Pull& pull);
  void deny(const Pull& pull);
  void forget(const Pull& pull);
  std::uint64_t next_number() { return ++last_number_; }

 private:
  asio::awaitable<void> find_elsewhere(Wanted wanted, std::function<void(std::optional<net::Url>)> done);
  void tick();
  std::optional<Shares::Share> share_for(const Wanted& wanted);

  asio::io_context& io_;
  const Clock& clock_;
  const PullOptions options_;
  Hub& hub_;
  Origins& origins_;
  http::Client& http_;
  const cli::Log& log_;
  Cluster* cluster_ = nullptr;
  Shares searches_;   // searches for streams
  Shares questions_;  // tests of permits of playing streams
  Recent absent_, denied_, permitted_;
  std::map<std::string, std::shared_ptr<Pull>> pulls_;  // by path and permit: see key_of()
  std::map<std::string, Pull*> fetching_;               // by path, of pulls_ the one that has the stream
  net::Timer tick_timer_;
  std::uint64_t last_number_ = 0;
  bool stopped_ = false;
};

}  // namespace srs::relay
