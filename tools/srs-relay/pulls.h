// Pulls: the streams that this relay fetches from its origins, because somebody here wants to play them.
//
// The first player of a stream starts one pull, all share it; some time after the last one has left (linger)
// the pull ends.
//
// With forward_query the origin decides for each player. What of a player's query it decides by is the
// player's permit. A permit that is not known is asked for: a pull of its own opens the stream with it. If
// the origin says yes, that holds for ten seconds for whoever has the same one; the first such pull plays,
// those that find the stream playing already have done their work and end. If it says no, that holds for a
// second, and for this permit alone.
//
// Streams that are looked for are names that anybody can make up: so many at once, in all and of one address,
// and a name that no origin knows is not asked for again within a second. Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "http/client.h"
#include "hub.h"
#include "origins.h"
#include "recent.h"
#include "rtmp/message_budget.h"
#include "shares.h"
#include "wanted.h"

namespace srs::relay {

class Cluster;
class Pull;

struct PullOptions {
  std::chrono::milliseconds timeout{3'000};  // of an origin that says nothing
  std::chrono::milliseconds linger{10'000};  // without players
  std::chrono::milliseconds grace{15'000};   // of a stream that no origin has any more
  bool forward_query = false;
  bool redirect = false;                        // players, instead of fetching
  std::size_t max_pulls = 4096;                 // streams and permits that are fetched or looked for at once
  std::size_t max_pulls_per_address = 256;      // of those that are looked for, by whom it wants
  std::string node;                             // our own id
  std::shared_ptr<rtmp::MessageBudget> budget;  // of the process; null: none
};

// What is told of a stream that is being fetched.
struct PullState {
  std::uint64_t number = 0;  // of the connection, among all of this process
  std::string path, origin;
  bool is_http = false;
  std::chrono::steady_clock::time_point since{};
  std::uint64_t received_bytes = 0;
};

class Pulls : public Upstream {
 public:
  // All must outlive it, and it every run of the io_context.
  Pulls(asio::io_context& io, PullOptions options, Hub& hub, Origins& origins, http::Client& http,
        const cli::Log& log);
  ~Pulls() override;

  // Who else knows origins; must outlive it.
  void set_cluster(Cluster* cluster) { cluster_ = cluster; }

  Wish want(const Wanted& wanted) override;
  bool asks_for_each() const override { return options_.forward_query; }
  std::string permit(const std::string& query) const override;
  bool permits(const Wanted& wanted) const override;
  std::chrono::milliseconds round_time() const override;
  void yield(const std::string& path) override;
  bool redirects() const override { return options_.redirect; }
  void redirect(Wanted wanted, std::function<void(std::optional<net::Url>)> done) override;

  // Ends all; what is being waited for ends soon after.
  void stop();
  std::size_t size() const { return pulls_.size(); }
  std::vector<PullState> states() const;
  // Ends this connection; the stream is fetched from the next origin, or again from the same if there is no
  // other. False if there is none of this number.
  bool cut_off(std::uint64_t number);

  // For a pull.
  asio::io_context& io() { return io_; }
  const PullOptions& options() const { return options_; }
  Hub& hub() { return hub_; }
  Origins& origins() { return origins_; }
  // All origins that a stream may be had from, in the order in which they are to be asked: those that the
  // cluster knows to hold it, then the others. over_http: of those the ones that speak this, where they have
  // the choice.
  asio::awaitable<std::vector<OriginPtr>> origins_of(std::string path, std::optional<bool> over_http = {});
  http::Client& http() { return http_; }
  const cli::Log& log() const { return log_; }
  bool stopped() const { return stopped_; }
  // An origin plays the stream for this pull: its permit is good. False: another pull fetches the stream.
  bool admit(Pull& pull);
  // All origins were asked and none has it; or they do not permit it.
  void on_absent(const Pull& pull);
  void deny(const Pull& pull);
  void forget(const Pull& pull);
  std::uint64_t next_number() { return ++last_number_; }

 private:
  asio::awaitable<void> find_elsewhere(Wanted wanted, std::function<void(std::optional<net::Url>)> done);
  void tend();
  std::optional<Shares::Share> share_for(const Wanted& wanted);

  asio::io_context& io_;
  const PullOptions options_;
  Hub& hub_;
  Origins& origins_;
  http::Client& http_;
  const cli::Log& log_;
  Cluster* cluster_ = nullptr;
  Shares searches_;   // streams that are looked for
  Shares questions_;  // permits for streams that play
  Recent absent_, denied_, permitted_;
  std::map<std::string, std::shared_ptr<Pull>> pulls_;  // by path and permit: see key_of()
  std::map<std::string, Pull*> fetching_;               // by path, of pulls_ the one that has the stream
  asio::steady_timer tend_timer_;
  std::uint64_t last_number_ = 0;
  bool stopped_ = false;
};

}  // namespace srs::relay
